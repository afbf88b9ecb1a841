"""SDTM: trials as CDISC tabulates them, out and in: XPT version 5, Dataset-JSON 1.1, Define-XML 2.1."""

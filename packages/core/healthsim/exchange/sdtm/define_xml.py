"""Define-XML 2.1: what the datasets of a submission are, variable by variable."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from healthsim.exchange.sdtm.terminology import CODELISTS
from healthsim.exchange.sdtm.variables import Domain, Variable

ODM = "http://www.cdisc.org/ns/odm/v1.3"
DEF = "http://www.cdisc.org/ns/def/v2.1"
_XLINK, _XML = "http://www.w3.org/1999/xlink", "http://www.w3.org/XML/1998/namespace"
#: publication of the terminology that values are of
TERMINOLOGY = "2024-03-29"
_IG, _CT = "STD.1", "STD.2"
_SOURCES = {"Collected": "Investigator", "Derived": "Sponsor", "Assigned": "Sponsor", "Protocol": "Sponsor"}


@dataclass(frozen=True)
class Described:
    """A dataset as it was written: its variables, the length of its texts, its file, the values of coded variables."""

    domain: Domain
    variables: Sequence[Variable]
    lengths: Mapping[str, int]
    file: str
    values: Mapping[str, Sequence[str]]


def write_define(
    target: Path, study: str, title: str | None, datasets: Sequence[Described], made: str, version: str
) -> None:
    """Write the file of one study."""
    for prefix, uri in (("", ODM), ("def", DEF), ("xlink", _XLINK)):
        ET.register_namespace(prefix, uri)
    root = ET.Element(
        _odm("ODM"),
        {
            "FileOID": f"{study}.Define",
            "FileType": "Snapshot",
            "CreationDateTime": made,
            "ODMVersion": "1.3.2",
            "Originator": "HealthSim",
            "SourceSystem": "HealthSim",
            "SourceSystemVersion": version,
            _def("Context"): "Other",
        },
    )
    of_study = _add(root, _odm("Study"), OID=f"ST.{study}")
    names = _add(of_study, _odm("GlobalVariables"))
    _add(names, _odm("StudyName")).text = study
    _add(names, _odm("StudyDescription")).text = title or study
    _add(names, _odm("ProtocolName")).text = study
    metadata = _add(
        of_study,
        _odm("MetaDataVersion"),
        OID="MDV.1",
        Name=f"Study {study}, Data Definitions",
        Description="Datasets of a synthetic trial",
        **{_def("DefineVersion"): "2.1.0"},
    )
    standards = _add(metadata, _def("Standards"))
    _add(standards, _def("Standard"), OID=_IG, Name="SDTMIG", Type="IG", Version="3.4", Status="Final")
    _add(
        standards,
        _def("Standard"),
        OID=_CT,
        Name="CDISC/NCI",
        Type="CT",
        PublishingSet="SDTM",
        Version=TERMINOLOGY,
        Status="Final",
    )
    for dataset in datasets:
        _item_group(metadata, dataset)
    for dataset in datasets:
        for variable in dataset.variables:
            _item(metadata, dataset, variable)
    _codelists(metadata, datasets)
    for dataset in datasets:
        for variable in dataset.variables:
            if variable.origin == "Derived":
                _method(metadata, dataset.domain, variable)
    ET.indent(root)
    ET.ElementTree(root).write(target, encoding="utf-8", xml_declaration=True)


def _item_group(metadata: ET.Element, dataset: Described) -> None:
    domain, leaf = dataset.domain, f"LF.{dataset.domain.name}"
    group = _add(
        metadata,
        _odm("ItemGroupDef"),
        OID=f"IG.{domain.name}",
        Name=domain.name,
        Repeating="Yes" if domain.repeats else "No",
        IsReferenceData="No" if domain.is_of_subjects else "Yes",
        SASDatasetName=domain.name,
        Domain=domain.name.removeprefix("SUPP"),
        Purpose="Tabulation",
        **{
            _def("Structure"): domain.structure,
            _def("StandardOID"): _IG,
            _def("ArchiveLocationID"): leaf,
        },
    )
    _describe(group, domain.label)
    for number, variable in enumerate(dataset.variables, start=1):
        reference = {
            "ItemOID": _item_oid(domain, variable),
            "OrderNumber": str(number),
            "Mandatory": "Yes" if variable.core == "Req" else "No",
        }
        if variable.name in domain.keys:
            reference["KeySequence"] = str(domain.keys.index(variable.name) + 1)
        if variable.origin == "Derived":
            reference["MethodOID"] = f"MT.{domain.name}.{variable.name}"
        _add(group, _odm("ItemRef"), **reference)
    _add(group, _def("Class"), Name=domain.kind)
    place = _add(group, _def("leaf"), ID=leaf, **{f"{{{_XLINK}}}href": dataset.file})
    _add(place, _def("title")).text = dataset.file


def _item(metadata: ET.Element, dataset: Described, variable: Variable) -> None:
    facts = {
        "OID": _item_oid(dataset.domain, variable),
        "Name": variable.name,
        "DataType": variable.kind,
        "SASFieldName": variable.name,
    }
    # dates have no length
    if variable.kind == "text":
        facts["Length"] = str(dataset.lengths[variable.name])
    elif variable.kind == "integer":
        facts["Length"] = "8"
    elif variable.kind == "float":
        facts |= {"Length": "12", "SignificantDigits": "4"}
    item = _add(metadata, _odm("ItemDef"), **facts)
    _describe(item, variable.label)
    if variable.codelist is not None:
        _add(item, _odm("CodeListRef"), CodeListOID=variable.codelist.oid)
    _add(item, _def("Origin"), Type=variable.origin, Source=_SOURCES[variable.origin])


def _codelists(metadata: ET.Element, datasets: Sequence[Described]) -> None:
    """The codelists that variables have: CDISC's terms, and what values there are besides."""
    used: dict[str, dict[str, None]] = {}
    for dataset in datasets:
        for variable in dataset.variables:
            if variable.codelist is not None:
                found = used.setdefault(variable.codelist.oid, {})
                found.update(dict.fromkeys(dataset.values.get(variable.name, ())))
    for known in CODELISTS:
        if known.oid not in used:
            continue
        terms = dict.fromkeys(known.terms.values())
        listed = _add(
            metadata, _odm("CodeList"), OID=known.oid, Name=known.name, DataType="text", **{_def("StandardOID"): _CT}
        )
        for value in [*terms, *(value for value in used[known.oid] if value not in terms)]:
            extended = {} if value in terms else {_def("ExtendedValue"): "Yes"}
            _add(listed, _odm("EnumeratedItem"), CodedValue=value, **extended)
        _add(listed, _odm("Alias"), Context="nci:ExtCodeID", Name=known.code)


def _method(metadata: ET.Element, domain: Domain, variable: Variable) -> None:
    method = _add(
        metadata,
        _odm("MethodDef"),
        OID=f"MT.{domain.name}.{variable.name}",
        Name=f"Algorithm for {domain.name}.{variable.name}",
        Type="Computation",
    )
    _describe(method, variable.source or variable.label)


def _item_oid(domain: Domain, variable: Variable) -> str:
    return f"IT.{domain.name}.{variable.name}"


def _describe(element: ET.Element, text: str) -> None:
    described = _add(element, _odm("Description"))
    _add(described, _odm("TranslatedText"), **{f"{{{_XML}}}lang": "en"}).text = text


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, attributes)


def _odm(name: str) -> str:
    return f"{{{ODM}}}{name}"


def _def(name: str) -> str:
    return f"{{{DEF}}}{name}"


def labels_in(path: Path) -> Iterator[Any]:
    """The names of the datasets that a file of Define-XML describes."""
    for _, element in ET.iterparse(path):
        if element.tag.endswith("}ItemGroupDef"):
            yield element.get("Name")

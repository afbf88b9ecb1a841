-- A pharmacy by its id, its NPI or its NCPDP number.
-- kind: lookup
SELECT ref, min(pharmacy_key) AS pharmacy_key
FROM (
    SELECT pharmacy_id AS ref, pharmacy_key FROM dim_pharmacy
    UNION ALL
    SELECT p.npi, p.pharmacy_key FROM dim_pharmacy AS p
    WHERE NOT EXISTS (SELECT 1 FROM dim_pharmacy AS o WHERE o.pharmacy_id = p.npi)
    UNION ALL
    SELECT p.ncpdp_id, p.pharmacy_key FROM dim_pharmacy AS p
    WHERE NOT EXISTS (SELECT 1 FROM dim_pharmacy AS o WHERE o.pharmacy_id = p.ncpdp_id OR o.npi = p.ncpdp_id)
) AS refs
WHERE ref IS NOT NULL
GROUP BY ref

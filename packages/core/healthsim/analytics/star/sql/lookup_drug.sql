-- A drug by the code that drug_codes gives it.
-- kind: lookup
SELECT code, drug_key, is_generic, is_brand, coalesce(drug_class, code) AS line
FROM dim_drug
WHERE drug_key > 0

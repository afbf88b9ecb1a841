-- What several statements say: the text of an address, the vocabulary that a code system names, a code as OMOP writes it,
-- and one by which its spellings are the same.
CREATE OR REPLACE TEMP MACRO address_of(line1, line2, city, state, zip, county, fips, country) AS concat_ws(
    '|', coalesce(line1, ''), coalesce(line2, ''), coalesce(city, ''), coalesce(state, ''),
    coalesce(zip, ''), coalesce(county, ''), coalesce(fips, ''), coalesce(country, '')
);
CREATE OR REPLACE TEMP MACRO vocabulary_of(system, otherwise) AS CASE
    WHEN system IS NULL THEN otherwise
    WHEN system ILIKE '%icd%10%pcs%' THEN 'ICD10PCS'
    WHEN system ILIKE '%icd%10%' THEN 'ICD10CM'
    WHEN system ILIKE '%icd%9%' THEN 'ICD9CM'
    WHEN system ILIKE '%snomed%' THEN 'SNOMED'
    WHEN system ILIKE '%loinc%' THEN 'LOINC'
    WHEN system ILIKE '%rxnorm%' THEN 'RxNorm'
    WHEN system ILIKE '%hcpcs%' THEN 'HCPCS'
    WHEN system ILIKE '%cpt%' THEN 'CPT4'
    WHEN system ILIKE '%cvx%' THEN 'CVX'
    WHEN system ILIKE '%ndc%' THEN 'NDC'
    ELSE otherwise
END;
CREATE OR REPLACE TEMP MACRO code_of(vocabulary, code) AS CASE
    WHEN vocabulary = 'ICD10CM' AND length(trim(code)) > 3 AND NOT contains(code, '.')
        THEN upper(trim(code))[1:3] || '.' || upper(trim(code))[4:]
    ELSE upper(trim(code))
END;
CREATE OR REPLACE TEMP MACRO plain_code(code) AS replace(upper(trim(code)), '.', '');
CREATE OR REPLACE TEMP MACRO procedure_vocabulary(code) AS CASE
    WHEN regexp_matches(trim(code), '^[0-9]{4}[0-9A-Za-z]$') THEN 'CPT4'
    WHEN regexp_matches(trim(code), '^[A-Za-z][0-9]{4}$') THEN 'HCPCS'
    WHEN length(trim(code)) = 7 THEN 'ICD10PCS'
    ELSE 'CPT4'
END;

-- One row per person who can be named on a claim: each span of coverage, and each patient, for claims without coverage.
WITH people AS (
    SELECT
        'member ' || member_id AS insured_id, coalesce(member_number, member_id) AS member_number,
        coalesce(subscriber_id, member_number, member_id) AS subscriber_id,
        coalesce(relationship_code, '18') AS relationship_code, group_id, coalesce(plan_id, plan_code) AS plan_key, plan_code,
        payer_name, coverage_start, coverage_end, coverage_status, pcp_provider_id, family_name, given_name, middle_name,
        prefix, suffix, birth_date, gender, race, ethnicity, language, ssn, address_line1, address_line2, city, state,
        postal_code, county_fips, phone, email, death_date
    FROM members
    UNION ALL BY NAME
    SELECT
        'patient ' || patient_id AS insured_id, coalesce(mrn, patient_id) AS member_number,
        coalesce(mrn, patient_id) AS subscriber_id, '18' AS relationship_code, family_name, given_name, middle_name, prefix,
        suffix, birth_date, gender, race, ethnicity, language, ssn, address_line1, address_line2, city, state, postal_code,
        county_fips, phone, email, death_date
    FROM patients
)
SELECT
    people.* EXCLUDE (payer_name), coalesce(plan.payer_name, people.payer_name, 'UNKNOWN PAYER') AS payer_name,
    coalesce(plan.payer_id, 'HS' || left(upper(md5(coalesce(plan.payer_name, people.payer_name, ''))), 6)) AS payer_id,
    plan.* EXCLUDE (plan_key, payer_name, payer_id)
FROM people
LEFT JOIN x12_plans AS plan USING (plan_key)

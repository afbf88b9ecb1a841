-- One row per human being of a scenario, whatever products know them: patient, member, rx member, subject.
-- kind: scoped
-- grain: one row per person
-- holds: people
-- natural key: person_id
-- dates: birth = birth_date_key; death = death_date_key
-- how: Of several records the person's own comes first, then the first patient record, the latest coverage, the latest
--   pharmacy membership, the first subject.
-- columns:
--   person_id VARCHAR: the id of the person, else of the record that stands for it, as <type>/<id>
--   patient_id VARCHAR: first patient record
--   mrn VARCHAR: its medical record number
--   member_id VARCHAR: latest member record (coverage span)
--   rx_member_id VARCHAR: latest pharmacy member record
--   subject_id VARCHAR: first trial subject record
--   given_name VARCHAR: synthetic name
--   family_name VARCHAR: synthetic name
--   birth_date DATE: date of birth
--   birth_date_key INTEGER: the same as a key
--   gender VARCHAR: F, M, O, U
--   race VARCHAR: as recorded
--   ethnicity VARCHAR: as recorded
--   language VARCHAR: as recorded
--   city VARCHAR: residence
--   state VARCHAR: residence
--   postal_code VARCHAR: residence
--   county_fips VARCHAR: residence
--   census_tract VARCHAR: residence
--   geography_key INTEGER: the county of residence in dim_geography
--   tract_geography_key INTEGER [tract]: the tract of residence in dim_geography
--   primary_care_provider_key INTEGER [pcp]: of the patient record, else of the latest coverage
--   is_deceased INTEGER: 1 when known to have died
--   death_date DATE: date of death
--   death_date_key INTEGER: the same as a key; -2 for the living
--   is_patient INTEGER: 1 when there is a patient record
--   is_member INTEGER: 1 when there is a member record
--   is_rx_member INTEGER: 1 when there is a pharmacy member record
--   is_subject INTEGER: 1 when there is a trial subject record
WITH begun AS (
    SELECT *, coalesce({day_key(since)}, 19000101) AS since_key FROM person_records
), ranked AS (
    -- the least of these texts is the record that began last, then the one with the first id: numbers of one width
    SELECT
        person_id, entity_type,
        concat(CAST(999999999 - greatest(0, least(99991231, since_key)) AS VARCHAR), entity_id) AS place
    FROM begun
), person AS (
    SELECT
        person_id,
        substring(min(CASE WHEN entity_type = 'person' THEN place END), 10) AS own_id,
        substring(min(CASE WHEN entity_type = 'patient' THEN place END), 10) AS patient_id,
        substring(min(CASE WHEN entity_type = 'member' THEN place END), 10) AS member_id,
        substring(min(CASE WHEN entity_type = 'rx_member' THEN place END), 10) AS rx_member_id,
        substring(min(CASE WHEN entity_type = 'subject' THEN place END), 10) AS subject_id
    FROM ranked
    GROUP BY person_id
), described AS (
    SELECT
        n.person_id, n.patient_id, p.mrn, n.member_id, n.rx_member_id, n.subject_id,
        coalesce(o.given_name, p.given_name, m.given_name, x.given_name, j.given_name) AS given_name,
        coalesce(o.family_name, p.family_name, m.family_name, x.family_name, j.family_name) AS family_name,
        coalesce(o.birth_date, p.birth_date, m.birth_date, x.birth_date, j.birth_date) AS birth_date,
        coalesce(o.gender, p.gender, m.gender, x.gender, j.gender, 'U') AS gender,
        coalesce(o.race, p.race, m.race, x.race, j.race) AS race,
        coalesce(o.ethnicity, p.ethnicity, m.ethnicity, x.ethnicity, j.ethnicity) AS ethnicity,
        coalesce(o."language", p."language", m."language", x."language", j."language") AS "language",
        coalesce(o.city, p.city, m.city, x.city, j.city) AS city,
        coalesce(o.state, p.state, m.state, x.state, j.state) AS state,
        coalesce(o.postal_code, p.postal_code, m.postal_code, x.postal_code, j.postal_code) AS postal_code,
        coalesce(o.census_tract, p.census_tract, m.census_tract, x.census_tract, j.census_tract) AS census_tract,
        coalesce(o.county_fips, p.county_fips, m.county_fips, x.county_fips, j.county_fips) AS named_county,
        coalesce(o.death_date, p.death_date, m.death_date, x.death_date, j.death_date) AS death_date,
        coalesce(o.deceased, p.deceased, m.deceased, x.deceased, j.deceased, FALSE) AS deceased,
        coalesce(p.primary_care_provider_id, m.pcp_provider_id) AS pcp_id
    FROM person AS n
    LEFT JOIN persons AS o ON o.person_id = n.own_id
    LEFT JOIN patients AS p ON p.patient_id = n.patient_id
    LEFT JOIN members AS m ON m.member_id = n.member_id
    LEFT JOIN rx_members AS x ON x.rx_member_id = n.rx_member_id
    LEFT JOIN subjects AS j ON j.subject_id = n.subject_id
), dated AS (
    SELECT
        *, {day_key(birth_date)} AS birth_key,
        {day_key(death_date)} AS death_key
    FROM described
)
SELECT
    d.person_id, d.patient_id, d.mrn, d.member_id, d.rx_member_id, d.subject_id, d.given_name, d.family_name, d.birth_date,
    -- -1 for a day that dim_date does not have
    CASE WHEN d.birth_key BETWEEN 19000101 AND 21001231 THEN d.birth_key ELSE -1 END AS birth_date_key,
    d.gender, d.race, d.ethnicity, d."language", d.city, d.state, d.postal_code,
    coalesce(d.named_county, substring(d.census_tract, 1, 5)) AS county_fips, d.census_tract,
    coalesce(g.geography_key, -1) AS geography_key,
    coalesce(t.geography_key, -1) AS tract_geography_key,
    coalesce(v.provider_key, -1) AS primary_care_provider_key,
    CASE WHEN d.deceased OR d.death_date IS NOT NULL THEN 1 ELSE 0 END AS is_deceased,
    d.death_date,
    CASE
        WHEN d.death_key BETWEEN 19000101 AND 21001231 THEN d.death_key
        WHEN d.deceased OR d.death_key IS NOT NULL THEN -1
        ELSE -2
    END AS death_date_key,
    CASE WHEN d.patient_id IS NOT NULL THEN 1 ELSE 0 END AS is_patient,
    CASE WHEN d.member_id IS NOT NULL THEN 1 ELSE 0 END AS is_member,
    CASE WHEN d.rx_member_id IS NOT NULL THEN 1 ELSE 0 END AS is_rx_member,
    CASE WHEN d.subject_id IS NOT NULL THEN 1 ELSE 0 END AS is_subject
FROM dated AS d
LEFT JOIN dim_geography AS g ON g.geoid = coalesce(d.named_county, substring(d.census_tract, 1, 5))
LEFT JOIN dim_geography AS t ON t.geoid = d.census_tract
LEFT JOIN lookup_provider AS v ON v.ref = d.pcp_id

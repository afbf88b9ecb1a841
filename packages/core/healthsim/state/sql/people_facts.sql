-- What a list says of some patients: who they are, how many conditions they have, their last contact, what was paid for them.
WITH wanted AS (
    SELECT unnest($ids::VARCHAR[]) AS patient_id, generate_subscripts($ids::VARCHAR[], 1) AS position
), who AS (
    SELECT w.position, p.* FROM wanted AS w JOIN patients AS p ON p.patient_id = w.patient_id
), known AS (
    SELECT patient_id, count(DISTINCT code) AS conditions
    FROM diagnoses
    WHERE patient_id IN (SELECT unnest($ids::VARCHAR[])) AND NOT starts_with(code, 'Z')
    GROUP BY patient_id
), seen AS (
    SELECT patient_id, max(start_datetime)::DATE AS last_contact, count(*) AS contacts
    FROM encounters
    WHERE patient_id IN (SELECT unnest($ids::VARCHAR[]))
    GROUP BY patient_id
), billed AS (
    SELECT patient_id, sum(total_paid)::DOUBLE AS paid
    FROM claims
    WHERE patient_id IN (SELECT unnest($ids::VARCHAR[]))
    GROUP BY patient_id
)
SELECT
    who.patient_id, concat_ws(' ', who.given_name, who.family_name) AS name, who.gender, who.birth_date, who.death_date,
    concat_ws(', ', who.city, who.state) AS home, coalesce(known.conditions, 0), coalesce(seen.contacts, 0), seen.last_contact, billed.paid
FROM who
LEFT JOIN known ON known.patient_id = who.patient_id
LEFT JOIN seen ON seen.patient_id = who.patient_id
LEFT JOIN billed ON billed.patient_id = who.patient_id
ORDER BY who.position

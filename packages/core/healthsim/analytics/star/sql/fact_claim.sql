-- One row per medical claim, with the days of its way and the coverage on its first day of service.
WITH line AS (
    SELECT claim_id, count(*) AS line_count, min(service_date) AS service_date
    FROM claim_lines
    GROUP BY claim_id
), lasting AS (
    SELECT
        c.*, coalesce(c.service_date, c.admission_date, l.service_date) AS first_day,
        coalesce(c.service_end_date, c.discharge_date, c.service_date, c.admission_date, l.service_date) AS last_day,
        coalesce(l.line_count, 0) AS line_count
    FROM claims AS c
    LEFT JOIN line AS l ON l.claim_id = c.claim_id
), dated AS (
    SELECT
        *, year(first_day) * 10000 + month(first_day) * 100 + day(first_day) AS first_key,
        year(last_day) * 10000 + month(last_day) * 100 + day(last_day) AS last_key,
        year(received_date) * 10000 + month(received_date) * 100 + day(received_date) AS received_key,
        year(adjudicated_date) * 10000 + month(adjudicated_date) * 100 + day(adjudicated_date) AS adjudicated_key,
        year(paid_date) * 10000 + month(paid_date) * 100 + day(paid_date) AS paid_key
    FROM lasting
), claim AS (
    SELECT
        c.*,
        coalesce(m.person_key, p.person_key, -1) AS person_key,
        coalesce(m.birth_date_key, p.birth_date_key, -1) AS birth_date_key,
        coalesce(m.geography_key, p.geography_key, -1) AS geography_key,
        m.coverage_key AS named_coverage_key, m.plan_key AS named_plan_key,
        coalesce(s.claim_status_key, -1) AS claim_status_key, coalesce(s.status, 'paid') AS state
    FROM dated AS c
    LEFT JOIN lookup_member AS m ON m.ref = c.member_id
    LEFT JOIN lookup_patient AS p ON p.patient_id = c.patient_id
    LEFT JOIN lookup_claim_status AS s
        ON s.claim_type = coalesce(c.claim_type, 'unknown') AND s.spelling = lower(coalesce(c.status, 'paid'))
        AND s.reason = coalesce(c.denial_reason_code, '')
)
SELECT
    c.person_key,
    coalesce(v.coverage_key, c.named_coverage_key, -2) AS coverage_key,
    coalesce(v.plan_key, c.named_plan_key, -2) AS plan_key,
    c.claim_status_key,
    coalesce(b.provider_key, -1) AS billing_provider_key,
    coalesce(r.provider_key, -1) AS rendering_provider_key,
    coalesce(f.facility_key, -1) AS facility_key,
    coalesce(x.diagnosis_key, -1) AS principal_diagnosis_key,
    c.geography_key,
    CASE
        WHEN c.birth_date_key < 0 OR c.first_key IS NULL THEN -1
        ELSE greatest(-1, least(120, (c.first_key - c.birth_date_key + 10000) // 10000 - 1))
    END AS age_band_key,
    coalesce(c.first_key, -1) AS service_date_key,
    coalesce(c.last_key, -1) AS service_end_date_key,
    coalesce(c.received_key, -2) AS received_date_key,
    coalesce(c.adjudicated_key, -2) AS adjudicated_date_key,
    coalesce(c.paid_key, -2) AS paid_date_key,
    c.first_day AS service_date, c.last_day AS service_end_date, c.received_date, c.adjudicated_date, c.paid_date,
    c.first_key // 100 AS service_month,
    c.claim_id, c.encounter_id, c.claim_type, c.drg_code, c.place_of_service,
    coalesce(c.total_charge, 0) AS charge_amount,
    coalesce(c.total_allowed, 0) AS allowed_amount,
    coalesce(c.total_paid, 0) AS paid_amount,
    coalesce(c.member_responsibility, 0) AS member_amount,
    CASE WHEN c.state = 'paid' THEN coalesce(c.total_allowed, 0) ELSE 0 END AS net_allowed_amount,
    CASE WHEN c.state = 'paid' THEN coalesce(c.total_paid, 0) ELSE 0 END AS net_paid_amount,
    CASE WHEN c.state = 'paid' THEN coalesce(c.member_responsibility, 0) ELSE 0 END AS net_member_amount,
    CASE WHEN c.state = 'denied' THEN coalesce(c.total_charge, 0) ELSE 0 END AS denied_amount,
    1 AS claim_count,
    CASE WHEN c.state = 'paid' THEN 1 ELSE 0 END AS paid_count,
    CASE WHEN c.state = 'denied' THEN 1 ELSE 0 END AS denied_count,
    CASE WHEN c.state = 'pended' THEN 1 ELSE 0 END AS pended_count,
    CASE WHEN c.state = 'reversed' THEN 1 ELSE 0 END AS reversed_count,
    CASE WHEN c.state IN ('paid', 'denied') THEN 1 ELSE 0 END AS adjudicated_count,
    CASE WHEN v.coverage_key IS NOT NULL THEN 1 ELSE 0 END AS enrolled_count,
    c.line_count,
    date_diff('day', c.last_day, c.received_date) AS days_to_receive,
    date_diff('day', c.received_date, c.adjudicated_date) AS days_to_adjudicate,
    date_diff('day', c.adjudicated_date, c.paid_date) AS days_to_pay,
    date_diff('day', c.first_day, c.paid_date) AS days_service_to_paid,
    (c.paid_key // 10000 - c.first_key // 10000) * 12 + c.paid_key // 100 % 100 - c.first_key // 100 % 100 AS months_service_to_paid
FROM claim AS c
LEFT JOIN lookup_coverage AS v ON v.person_key = c.person_key AND c.first_day BETWEEN v.first_day AND v.last_day
LEFT JOIN lookup_provider AS b ON b.ref = c.billing_provider_id
LEFT JOIN lookup_provider AS r ON r.ref = c.rendering_provider_id
LEFT JOIN lookup_facility AS f ON f.ref = c.facility_id
LEFT JOIN lookup_diagnosis AS x ON x.spelling = c.principal_diagnosis

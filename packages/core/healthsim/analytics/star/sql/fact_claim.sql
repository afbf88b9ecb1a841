-- One row per medical claim, with the days of its way: service, received, adjudicated, paid.
-- kind: fact
-- grain: one row per medical claim
-- holds: claims
-- rows: claims.claim_id, owned by member or patient, shared
-- sums: claims: charge_amount = total_charge, allowed_amount = total_allowed, paid_amount = total_paid, member_amount =
--   member_responsibility
-- dates: service = service_date_key; received = received_date_key; adjudicated = adjudicated_date_key; paid =
--   paid_date_key
-- how: The coverage is that of the first day of service.
-- columns:
--   person_key INTEGER: the member
--   coverage_key INTEGER: coverage on the first day of service, else the span that the claim names
--   plan_key INTEGER: plan of that coverage
--   claim_status_key INTEGER: type, status, denial
--   billing_provider_key INTEGER: who bills
--   rendering_provider_key INTEGER [provider]: who served
--   facility_key INTEGER: where
--   principal_diagnosis_key INTEGER [diagnosis]: why
--   geography_key INTEGER: county of residence
--   age_band_key INTEGER: age on the first day of service
--   service_date_key INTEGER: first day of service
--   service_end_date_key INTEGER: last day of service
--   received_date_key INTEGER: received by the payer; -2 when not yet
--   adjudicated_date_key INTEGER: decided; -2 when not yet
--   paid_date_key INTEGER: paid; -2 when not
--   service_date DATE: first day of service
--   service_end_date DATE: last day of service
--   received_date DATE: received
--   adjudicated_date DATE: decided
--   paid_date DATE: paid
--   service_month INTEGER: yyyymm of service_date: the month that the claim belongs to
--   claim_id VARCHAR: degenerate
--   encounter_id VARCHAR: degenerate
--   claim_type VARCHAR: degenerate: professional, institutional, dental
--   drg_code VARCHAR: degenerate
--   place_of_service VARCHAR: degenerate
--   charge_amount DECIMAL(14,2): as on the claim, whatever its status, USD
--   allowed_amount DECIMAL(14,2): as on the claim
--   paid_amount DECIMAL(14,2): as on the claim
--   member_amount DECIMAL(14,2): as on the claim
--   net_allowed_amount DECIMAL(14,2): allowed, of paid claims; 0 for denied, pended, reversed
--   net_paid_amount DECIMAL(14,2): paid, of paid claims: what cost metrics sum
--   net_member_amount DECIMAL(14,2): member's part, of paid claims
--   denied_amount DECIMAL(14,2): charges of denied claims
--   claim_count INTEGER: 1
--   paid_count INTEGER: 1 when paid
--   denied_count INTEGER: 1 when denied
--   pended_count INTEGER: 1 when pended
--   reversed_count INTEGER: 1 when reversed
--   adjudicated_count INTEGER: 1 when paid or denied: the base of the denial rate
--   enrolled_count INTEGER: 1 when covered on the first day of service
--   line_count INTEGER: its lines
--   days_to_receive INTEGER: service_end_date to received
--   days_to_adjudicate INTEGER: received to adjudicated
--   days_to_pay INTEGER: adjudicated to paid
--   days_service_to_paid INTEGER: first day of service to paid
--   months_service_to_paid INTEGER: calendar months from service to payment (claim lag triangle)
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
        *, {day_key(first_day)} AS first_key,
        {day_key(last_day)} AS last_key,
        {day_key(received_date)} AS received_key,
        {day_key(adjudicated_date)} AS adjudicated_key,
        {day_key(paid_date)} AS paid_key
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
    {age_at(c.birth_date_key, c.first_key)} AS age_band_key,
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

-- One row per authorization (medical) and prior authorization (pharmacy).
-- kind: fact
-- grain: one row per authorization, medical or pharmacy
-- holds: authorizations
-- rows: authorizations.authorization_id where authorization_type = 'medical', owned by member
-- rows: prior_auths.prior_auth_id as authorization_id where authorization_type = 'pharmacy', owned by prescription
-- dates: request = request_date_key; decision = decision_date_key
-- columns:
--   person_key INTEGER: for whom
--   plan_key INTEGER: plan of the coverage on the day of the request; -2 when not covered
--   provider_key INTEGER: of a medical authorization; -2 for pharmacy
--   drug_key INTEGER: of a pharmacy authorization; -2 for medical
--   procedure_key INTEGER: of a medical authorization; -2 for pharmacy
--   age_band_key INTEGER: age at request
--   request_date_key INTEGER: asked
--   decision_date_key INTEGER: decided; -2 when not yet
--   request_date DATE: asked
--   decision_date DATE: decided
--   authorization_type VARCHAR: medical or pharmacy
--   authorization_id VARCHAR: degenerate: authorization_id or prior_auth_id
--   status VARCHAR: as recorded, lower case
--   denial_reason VARCHAR: as recorded
--   request_count INTEGER: 1
--   approved_count INTEGER: 1 when approved
--   denied_count INTEGER: 1 when denied
--   pending_count INTEGER: 1 when not decided
--   days_to_decision INTEGER: request to decision
WITH request AS (
    SELECT
        'medical' AS authorization_type, authorization_id, member_id, provider_id, service_code, CAST(NULL AS VARCHAR) AS rx_member_id,
        CAST(NULL AS VARCHAR) AS prescription_id, CAST(NULL AS VARCHAR) AS ndc, CAST(NULL AS VARCHAR) AS drug_name,
        request_date, decision_date, lower(status) AS status, denial_reason
    FROM authorizations
    UNION ALL
    SELECT
        'pharmacy', prior_auth_id, NULL, NULL, NULL, rx_member_id, prescription_id, ndc, drug_name, request_date, decision_date, lower(status),
        denial_reason
    FROM prior_auths
), judged AS (
    SELECT
        *,
        CASE
            WHEN status LIKE '%approv%' OR status IN ('granted', 'active') THEN 'approved'
            WHEN status LIKE '%den%' OR status LIKE '%reject%' THEN 'denied'
            WHEN status IN ('cancelled', 'canceled', 'withdrawn', 'expired') THEN 'closed'
            ELSE 'pending'
        END AS state
    FROM request
), dated AS (
    SELECT
        *, {day_key(request_date)} AS request_key,
        {day_key(decision_date)} AS decision_key
    FROM judged
), owned AS (
    SELECT
        r.*, coalesce(m.person_key, x.person_key, -1) AS person_key, coalesce(m.birth_date_key, x.birth_date_key, -1) AS birth_date_key,
        coalesce(p.rxnorm_code, r.ndc, p.ndc, lower(trim(coalesce(r.drug_name, p.drug_name)))) AS drug_code
    FROM dated AS r
    LEFT JOIN lookup_member AS m ON m.ref = r.member_id
    LEFT JOIN prescriptions AS p ON p.prescription_id = r.prescription_id
    LEFT JOIN lookup_rx_member AS x ON x.rx_member_id = coalesce(r.rx_member_id, p.rx_member_id)
)
SELECT
    r.person_key, coalesce(k.plan_key, -2) AS plan_key,
    CASE WHEN r.authorization_type = 'medical' THEN coalesce(v.provider_key, -1) ELSE -2 END AS provider_key,
    CASE WHEN r.authorization_type = 'pharmacy' THEN coalesce(d.drug_key, -1) ELSE -2 END AS drug_key,
    CASE WHEN r.authorization_type = 'medical' THEN coalesce(x.procedure_key, -1) ELSE -2 END AS procedure_key,
    {age_at(r.birth_date_key, r.request_key)} AS age_band_key,
    coalesce(r.request_key, -1) AS request_date_key,
    coalesce(r.decision_key, -2) AS decision_date_key,
    r.request_date, r.decision_date, r.authorization_type, r.authorization_id, r.status, r.denial_reason,
    1 AS request_count,
    CASE WHEN r.state = 'approved' THEN 1 ELSE 0 END AS approved_count,
    CASE WHEN r.state = 'denied' THEN 1 ELSE 0 END AS denied_count,
    CASE WHEN r.state = 'pending' THEN 1 ELSE 0 END AS pending_count,
    date_diff('day', r.request_date, r.decision_date) AS days_to_decision
FROM owned AS r
LEFT JOIN lookup_coverage AS k ON k.person_key = r.person_key AND r.request_date BETWEEN k.first_day AND k.last_day
LEFT JOIN lookup_provider AS v ON v.ref = r.provider_id
LEFT JOIN lookup_drug AS d ON d.code = r.drug_code
LEFT JOIN lookup_procedure AS x ON x.code = upper(trim(r.service_code))

-- One row per line of a medical claim.
-- kind: fact
-- grain: one row per line of a medical claim
-- holds: claim lines
-- rows: claim_lines.claim_line_id, owned by claim
-- tells of: claims.claim_id
-- sums: claim_lines: charge_amount = charge_amount, allowed_amount = allowed_amount, paid_amount = paid_amount,
--   deductible_amount = deductible_amount, copay_amount = copay_amount, coinsurance_amount = coinsurance_amount,
--   member_amount = member_responsibility
-- dates: service = coalesce(service_month * 100 + 1, -1) by month; line = service_date_key
-- how: What is true of its claim (member, coverage, facility, month) is taken from there.
-- columns:
--   person_key INTEGER: the member
--   coverage_key INTEGER: as of its claim
--   plan_key INTEGER: as of its claim
--   claim_status_key INTEGER: type and status of the line, else of its claim
--   service_category_key INTEGER: kind of service
--   procedure_key INTEGER: procedure; -2 when none is named
--   billing_provider_key INTEGER: as of its claim
--   rendering_provider_key INTEGER [provider]: as of its claim
--   facility_key INTEGER: as of its claim
--   principal_diagnosis_key INTEGER [diagnosis]: as of its claim
--   geography_key INTEGER: county of residence
--   age_band_key INTEGER: age on the claim's first day of service
--   service_date_key INTEGER: day of the line, else the claim's first day
--   service_date DATE: the same
--   service_month INTEGER: yyyymm of the claim's first day of service: the month that it belongs to
--   claim_line_id VARCHAR: degenerate
--   claim_id VARCHAR: degenerate
--   line_number INTEGER: degenerate
--   revenue_code VARCHAR: degenerate
--   place_of_service VARCHAR: degenerate
--   units DECIMAL(14,2): units of service
--   charge_amount DECIMAL(14,2): as on the line, whatever its status, USD
--   allowed_amount DECIMAL(14,2): as on the line
--   paid_amount DECIMAL(14,2): as on the line
--   deductible_amount DECIMAL(14,2): as on the line
--   copay_amount DECIMAL(14,2): as on the line
--   coinsurance_amount DECIMAL(14,2): as on the line
--   member_amount DECIMAL(14,2): as on the line
--   net_allowed_amount DECIMAL(14,2): allowed, of paid lines of paid claims
--   net_paid_amount DECIMAL(14,2): paid, of paid lines of paid claims
--   net_member_amount DECIMAL(14,2): member's part, of paid lines of paid claims
--   denied_amount DECIMAL(14,2): charges of denied lines, and of all lines of denied claims
--   line_count INTEGER: 1
--   denied_count INTEGER: 1 when denied
--   enrolled_count INTEGER: 1 when covered on the claim's first day of service
WITH dated AS (
    SELECT *, {day_key(service_date)} AS service_key FROM claim_lines
), line AS (
    SELECT
        l.*, coalesce(s.claim_status_key, -1) AS claim_status_key,
        CASE WHEN c.denied_count = 1 THEN 'denied' WHEN c.paid_count = 0 THEN 'open' ELSE coalesce(s.status, 'paid') END AS state,
        coalesce(c.person_key, -1) AS person_key, coalesce(c.coverage_key, -1) AS coverage_key, coalesce(c.plan_key, -1) AS plan_key,
        coalesce(c.billing_provider_key, -1) AS billing_provider_key, coalesce(c.rendering_provider_key, -1) AS rendering_provider_key,
        coalesce(c.facility_key, -1) AS facility_key, coalesce(c.principal_diagnosis_key, -1) AS principal_diagnosis_key,
        coalesce(c.geography_key, -1) AS geography_key, coalesce(c.age_band_key, -1) AS age_band_key,
        coalesce(l.service_date, c.service_date) AS day_of_service,
        coalesce(l.service_key, c.service_date_key, -1) AS service_date_key, c.service_month,
        coalesce(c.enrolled_count, 0) AS enrolled_count,
        coalesce(l.place_of_service, c.place_of_service) AS place, c.drg_code, k.claim_type, k.bill_type,
        p.procedure_key, p.procedure_group
    FROM dated AS l
    LEFT JOIN fact_claim AS c ON c.claim_id = l.claim_id
    LEFT JOIN claims AS k ON k.claim_id = l.claim_id
    LEFT JOIN lookup_claim_status AS s
        ON s.claim_type = coalesce(k.claim_type, 'unknown') AND s.spelling = lower(coalesce(l.status, k.status, 'paid'))
        AND s.reason = coalesce(l.adjustment_reason_code, k.denial_reason_code, '')
    LEFT JOIN lookup_procedure AS p ON p.code = upper(trim(l.procedure_code))
), sorted AS (
    SELECT
        *,
        CASE
            WHEN claim_type = 'dental' THEN 'Dental'
            WHEN procedure_group = 'Ambulance' THEN 'Ambulance'
            WHEN procedure_group = 'Laboratory' THEN 'Laboratory'
            WHEN procedure_group = 'Imaging' THEN 'Imaging'
            WHEN claim_type = 'institutional' AND (bill_type LIKE '11%' OR bill_type LIKE '011%' OR bill_type LIKE '12%' OR drg_code IS NOT NULL) THEN 'Inpatient facility'
            WHEN revenue_code LIKE '045%' OR procedure_group = 'Emergency visit' THEN 'Emergency'
            WHEN place = '23' THEN 'Emergency'
            WHEN revenue_code LIKE '030%' OR revenue_code LIKE '031%' THEN 'Laboratory'
            WHEN revenue_code LIKE '032%' OR revenue_code LIKE '035%' OR revenue_code LIKE '040%' OR revenue_code LIKE '061%' THEN 'Imaging'
            WHEN revenue_code BETWEEN '0100' AND '0219' THEN 'Inpatient facility'
            WHEN procedure_group IN ('Office visit', 'Preventive visit', 'Vaccine', 'Behavioral health', 'Drug', 'Equipment and supplies', 'Anesthesia') THEN procedure_group
            WHEN place IN ('02', '10') THEN 'Telehealth'
            WHEN place IN ('21', '51', '61') THEN 'Inpatient professional'
            WHEN procedure_group = 'Surgery' THEN 'Outpatient surgery'
            WHEN ndc IS NOT NULL AND procedure_code IS NULL THEN 'Drug'
            WHEN claim_type = 'institutional' THEN 'Outpatient facility'
            ELSE 'Other professional'
        END AS service_category
    FROM line
)
SELECT
    l.person_key, l.coverage_key, l.plan_key, l.claim_status_key,
    coalesce(g.service_category_key, -1) AS service_category_key,
    CASE WHEN l.procedure_code IS NULL THEN -2 ELSE coalesce(l.procedure_key, -1) END AS procedure_key,
    l.billing_provider_key, l.rendering_provider_key, l.facility_key, l.principal_diagnosis_key, l.geography_key, l.age_band_key,
    l.service_date_key, l.day_of_service AS service_date, l.service_month,
    l.claim_line_id, l.claim_id, l.line_number, l.revenue_code, l.place AS place_of_service,
    coalesce(l.units, 0) AS units,
    coalesce(l.charge_amount, 0) AS charge_amount,
    coalesce(l.allowed_amount, 0) AS allowed_amount,
    coalesce(l.paid_amount, 0) AS paid_amount,
    coalesce(l.deductible_amount, 0) AS deductible_amount,
    coalesce(l.copay_amount, 0) AS copay_amount,
    coalesce(l.coinsurance_amount, 0) AS coinsurance_amount,
    coalesce(l.member_responsibility, 0) AS member_amount,
    CASE WHEN l.state = 'paid' THEN coalesce(l.allowed_amount, 0) ELSE 0 END AS net_allowed_amount,
    CASE WHEN l.state = 'paid' THEN coalesce(l.paid_amount, 0) ELSE 0 END AS net_paid_amount,
    CASE WHEN l.state = 'paid' THEN coalesce(l.member_responsibility, 0) ELSE 0 END AS net_member_amount,
    CASE WHEN l.state = 'denied' THEN coalesce(l.charge_amount, 0) ELSE 0 END AS denied_amount,
    1 AS line_count,
    CASE WHEN l.state = 'denied' THEN 1 ELSE 0 END AS denied_count,
    l.enrolled_count
FROM sorted AS l
LEFT JOIN dim_service_category AS g ON g.service_category = l.service_category

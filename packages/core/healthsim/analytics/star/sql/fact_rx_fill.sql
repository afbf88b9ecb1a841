-- One row per pharmacy claim.
-- kind: fact
-- grain: one row per pharmacy claim
-- holds: pharmacy claims
-- rows: pharmacy_claims.pharmacy_claim_id, owned by prescription
-- tells of: prescriptions.prescription_id
-- sums: pharmacy_claims: ingredient_cost = ingredient_cost, dispensing_fee = dispensing_fee, gross_amount =
--   gross_amount_due, plan_paid_amount = plan_paid_amount, member_amount = patient_pay_amount
-- dates: service = service_date_key; paid = paid_date_key
-- how: The drug is that of its prescription where that is known. A reversal (B2), and the claim of the same prescription, day
--   and fill that it takes back, count as reversed.
-- columns:
--   person_key INTEGER: who
--   drug_key INTEGER: what
--   pharmacy_key INTEGER: where
--   prescriber_provider_key INTEGER [provider]: who wrote it
--   coverage_key INTEGER: medical coverage on the day; -2 when not covered
--   plan_key INTEGER: plan of that coverage, else the plan that the pharmacy member names
--   claim_status_key INTEGER: pharmacy x status x reject code
--   geography_key INTEGER: county of residence
--   age_band_key INTEGER: age on the day
--   service_date_key INTEGER: day of the fill
--   paid_date_key INTEGER: day of payment; -2 when not
--   service_date DATE: day of the fill
--   supply_end_date DATE: last day that the supply lasts
--   service_month INTEGER: yyyymm
--   pharmacy_claim_id VARCHAR: degenerate
--   prescription_id VARCHAR: degenerate
--   fill_number INTEGER: 0 for the first fill
--   daw_code VARCHAR: dispense as written
--   quantity DECIMAL(14,2): dispensed
--   days_supply INTEGER: days
--   ingredient_cost DECIMAL(14,2): as on the claim, whatever its status, USD
--   dispensing_fee DECIMAL(14,2): as on the claim
--   gross_amount DECIMAL(14,2): as on the claim
--   plan_paid_amount DECIMAL(14,2): as on the claim
--   member_amount DECIMAL(14,2): as on the claim
--   net_plan_paid_amount DECIMAL(14,2): plan paid, of paid claims: what cost metrics sum
--   net_member_amount DECIMAL(14,2): patient paid, of paid claims
--   claim_count INTEGER: 1
--   fill_count INTEGER: 1 when paid
--   rejected_count INTEGER: 1 when rejected
--   reversed_count INTEGER: 1 when reversed
--   generic_fill_count INTEGER: 1 when paid and generic
--   brand_fill_count INTEGER: 1 when paid and brand
--   enrolled_count INTEGER: 1 when covered by a medical plan or as a pharmacy member on the day
WITH dated AS (
    SELECT
        *, {day_key(service_date)} AS service_key,
        {day_key(paid_date)} AS paid_key
    FROM pharmacy_claims
), fill AS (
    SELECT
        c.*, coalesce(x.person_key, -1) AS person_key, coalesce(x.birth_date_key, -1) AS birth_date_key,
        coalesce(x.geography_key, -1) AS geography_key, x.plan_key AS rx_plan_key,
        CASE WHEN c.service_date BETWEEN coalesce(x.first_day, DATE '1900-01-01') AND x.last_day THEN 1 ELSE 0 END AS rx_enrolled,
        coalesce(p.rxnorm_code, c.ndc, p.ndc, lower(trim(coalesce(c.drug_name, p.drug_name)))) AS code,
        coalesce(c.days_supply, p.days_supply) AS days, coalesce(c.prescriber_provider_id, p.prescriber_provider_id) AS prescriber_id
    FROM dated AS c
    LEFT JOIN prescriptions AS p ON p.prescription_id = c.prescription_id
    LEFT JOIN lookup_rx_member AS x ON x.rx_member_id = coalesce(c.rx_member_id, p.rx_member_id)
), taken_back AS (
    SELECT DISTINCT c.pharmacy_claim_id
    FROM pharmacy_claims AS c
    JOIN pharmacy_claims AS r
        ON r.prescription_id = c.prescription_id AND r.service_date = c.service_date
        AND coalesce(r.fill_number, c.fill_number, 0) = coalesce(c.fill_number, r.fill_number, 0)
    WHERE r.transaction_code = 'B2' AND coalesce(c.transaction_code, 'B1') = 'B1'
), stated AS (
    SELECT
        f.*, coalesce(s.claim_status_key, -1) AS claim_status_key,
        CASE
            WHEN f.transaction_code = 'B2' OR b.pharmacy_claim_id IS NOT NULL THEN 'reversed'
            ELSE coalesce(s.status, 'paid')
        END AS state
    FROM fill AS f
    LEFT JOIN taken_back AS b ON b.pharmacy_claim_id = f.pharmacy_claim_id
    LEFT JOIN lookup_claim_status AS s
        ON s.claim_type = 'pharmacy' AND s.spelling = lower(coalesce(f.status, 'paid')) AND s.reason = coalesce(f.reject_code, '')
)
SELECT
    f.person_key, coalesce(d.drug_key, -1) AS drug_key, coalesce(h.pharmacy_key, -1) AS pharmacy_key,
    coalesce(v.provider_key, -1) AS prescriber_provider_key,
    coalesce(k.coverage_key, -2) AS coverage_key, coalesce(k.plan_key, f.rx_plan_key, -2) AS plan_key, f.claim_status_key,
    f.geography_key,
    {age_at(f.birth_date_key, f.service_key)} AS age_band_key,
    coalesce(f.service_key, -1) AS service_date_key,
    coalesce(f.paid_key, -2) AS paid_date_key,
    f.service_date,
    -- nothing lasts ten years: a number beyond that is a mistake, and may lead beyond the calendar
    CAST(f.service_date + CAST(least(greatest(coalesce(f.days, 1), 1), 3650) - 1 AS INTEGER) AS DATE) AS supply_end_date,
    f.service_key // 100 AS service_month,
    f.pharmacy_claim_id, f.prescription_id, f.fill_number, f.daw_code,
    coalesce(f.quantity_dispensed, 0) AS quantity, f.days AS days_supply,
    coalesce(f.ingredient_cost, 0) AS ingredient_cost, coalesce(f.dispensing_fee, 0) AS dispensing_fee,
    coalesce(f.gross_amount_due, 0) AS gross_amount, coalesce(f.plan_paid_amount, 0) AS plan_paid_amount,
    coalesce(f.patient_pay_amount, 0) AS member_amount,
    CASE WHEN f.state = 'paid' THEN coalesce(f.plan_paid_amount, 0) ELSE 0 END AS net_plan_paid_amount,
    CASE WHEN f.state = 'paid' THEN coalesce(f.patient_pay_amount, 0) ELSE 0 END AS net_member_amount,
    1 AS claim_count,
    CASE WHEN f.state = 'paid' THEN 1 ELSE 0 END AS fill_count,
    CASE WHEN f.state = 'rejected' THEN 1 ELSE 0 END AS rejected_count,
    CASE WHEN f.state = 'reversed' THEN 1 ELSE 0 END AS reversed_count,
    CASE WHEN f.state = 'paid' THEN coalesce(d.is_generic, 0) ELSE 0 END AS generic_fill_count,
    CASE WHEN f.state = 'paid' THEN coalesce(d.is_brand, 0) ELSE 0 END AS brand_fill_count,
    CASE WHEN k.coverage_key IS NOT NULL THEN 1 ELSE f.rx_enrolled END AS enrolled_count
FROM stated AS f
LEFT JOIN lookup_drug AS d ON d.code = f.code
LEFT JOIN lookup_pharmacy AS h ON h.ref = f.pharmacy_id
LEFT JOIN lookup_provider AS v ON v.ref = f.prescriber_id
LEFT JOIN lookup_coverage AS k ON k.person_key = f.person_key AND f.service_date BETWEEN k.first_day AND k.last_day

-- An accumulator is the sum of what its member (or family) paid in the plan year, up to its day: deductibles, or all
-- shares, with those of the pharmacy where the plan counts them. In scenarios that were not generated, claims may be
-- missing: only a sum above the accumulator is wrong there.
-- severity: fail
-- columns: accumulators.applied_amount, claim_lines.deductible_amount, claim_lines.member_responsibility
WITH shares AS (FROM cost_sharing),
fills AS (
    SELECT r.member_id, year(f.service_date) AS plan_year, f.service_date AS day, f.patient_pay_amount AS share
    FROM pharmacy_claims AS f
    JOIN rx_members AS r ON r.rx_member_id = f.rx_member_id
    WHERE f.status = 'paid'
),
-- whose payments count: those of all spans of the member, or of all members of the family, in the plan
owners AS (
    SELECT 'individual' AS "level", coalesce(member_number, member_id) AS owner, plan_id, member_id FROM members
    UNION ALL SELECT 'family', subscriber_id, plan_id, member_id FROM members
),
counted AS (
    SELECT
        a.accumulator_id, a.member_id AS own, a.accumulator_type, a.plan_year, a.applied_amount,
        coalesce(a.as_of_date, DATE '9999-12-31') AS up_to, m.member_id
    FROM accumulators AS a
    JOIN owners AS o ON o.member_id = a.member_id AND o."level" = coalesce(a."level", 'individual')
    JOIN owners AS m
        ON m."level" = o."level" AND m.owner = o.owner AND m.plan_id IS NOT DISTINCT FROM o.plan_id
    WHERE a.accumulator_type IN ('deductible', 'oop_max')
),
medical AS (
    SELECT
        c.accumulator_id,
        sum(CASE WHEN c.accumulator_type = 'deductible' THEN s.deductible ELSE s.share END) AS all_spans,
        sum(CASE WHEN c.accumulator_type = 'deductible' THEN s.deductible ELSE s.share END)
            FILTER (s.member_id = c.own) AS own_span
    FROM counted AS c
    JOIN shares AS s ON s.member_id = c.member_id AND s.plan_year = c.plan_year AND s.day <= c.up_to
    GROUP BY c.accumulator_id
),
pharmacy AS (
    SELECT c.accumulator_id, sum(f.share) AS all_spans, sum(f.share) FILTER (f.member_id = c.own) AS own_span
    FROM counted AS c
    JOIN fills AS f ON f.member_id = c.member_id AND f.plan_year = c.plan_year AND f.day <= c.up_to
    GROUP BY c.accumulator_id
),
compared AS (
    SELECT
        c.accumulator_id, c.accumulator_type, c.plan_year, any_value(c.applied_amount) AS applied_amount,
        coalesce(any_value(m.all_spans), 0) AS medical, coalesce(any_value(m.own_span), 0) AS own_medical,
        coalesce(any_value(p.all_spans), 0) AS pharmacy, coalesce(any_value(p.own_span), 0) AS own_pharmacy
    FROM counted AS c
    LEFT JOIN medical AS m ON m.accumulator_id = c.accumulator_id
    LEFT JOIN pharmacy AS p ON p.accumulator_id = c.accumulator_id
    GROUP BY c.accumulator_id, c.accumulator_type, c.plan_year
)
SELECT accumulator_id AS id, accumulator_type, plan_year, applied_amount, medical, pharmacy
FROM compared
WHERE CASE WHEN $generated
    THEN applied_amount NOT IN (medical, medical + pharmacy, own_medical, own_medical + own_pharmacy)
    ELSE own_medical > applied_amount END

-- One row per person, plan and calendar month with at least one day of coverage.
-- kind: fact
-- grain: one row per person, plan and month of coverage
-- holds: members with coverage
-- empty without: members
-- dates: month = month_date_key by month
-- how: Coverage that pays second makes no months, so that nobody counts twice. Open spans last to the end of the data.
--   Spans of one plan that overlap count each day once: a span begins where the ones before it end.
-- columns:
--   person_key INTEGER: the member
--   coverage_key INTEGER: the last span of the plan in the month
--   plan_key INTEGER: the plan
--   pcp_provider_key INTEGER [pcp]: of that span
--   geography_key INTEGER: county of residence
--   age_band_key INTEGER: age on the first of the month
--   month_date_key INTEGER: first of the month, yyyymm01
--   month_start DATE: the same
--   year_month INTEGER: yyyymm
--   member_months INTEGER: 1
--   person_months INTEGER: 1 for one plan of the person's month (the one of the latest span), 0 for others: their sum
--     counts nobody twice
--   covered_days INTEGER: days of the month that are covered
--   medical_paid_amount DECIMAL(14,2): net paid of enrolled claims whose service starts in the month, USD
--   medical_allowed_amount DECIMAL(14,2): net allowed of the same
--   medical_member_amount DECIMAL(14,2): net member's part of the same
--   rx_paid_amount DECIMAL(14,2): net plan paid of fills in the month
--   rx_allowed_amount DECIMAL(14,2): plan paid + patient paid of the same
--   rx_member_amount DECIMAL(14,2): patient paid of the same
--   total_paid_amount DECIMAL(14,2): medical + pharmacy
--   total_allowed_amount DECIMAL(14,2): medical + pharmacy
--   claim_count INTEGER: medical claims that are not denied, pended or reversed
--   fill_count INTEGER: paid fills
--   emergency_visits INTEGER: encounters of class emergency that start in the month and did not become a stay
--   admissions INTEGER: inpatient encounters that start in the month
--   bed_days INTEGER: nights of these
--   office_visits INTEGER: outpatient, virtual and home encounters
WITH span AS (
    SELECT
        c.person_key, c.plan_key, c.coverage_key, c.pcp_provider_key, c.valid_from, c.member_id, p.geography_key, p.birth_date_key,
        CASE WHEN c.valid_to = DATE '9999-12-31' THEN s.data_end_date ELSE c.valid_to END AS valid_to
    FROM dim_coverage AS c
    JOIN dim_person AS p ON p.person_key = c.person_key
    CROSS JOIN dim_scenario AS s
    WHERE c.person_key > 0 AND c.pays_first = 1
), ordered AS (
    SELECT
        *,
        max(valid_to) OVER (
            PARTITION BY person_key, plan_key ORDER BY valid_from, valid_to, member_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before,
        count(*) OVER (PARTITION BY person_key, plan_key) AS spans
    FROM span
    WHERE valid_from <= valid_to
), piece AS (
    SELECT
        person_key, plan_key, coverage_key, pcp_provider_key, geography_key, birth_date_key, valid_from, valid_to, spans,
        CASE WHEN before >= valid_from THEN CAST(before + 1 AS DATE) ELSE valid_from END AS first_day
    FROM ordered
), many AS (
    SELECT person_key FROM piece GROUP BY person_key HAVING min(plan_key) <> max(plan_key)
), monthly AS (
    SELECT
        person_key, plan_key, coverage_key, pcp_provider_key, geography_key, birth_date_key, valid_from, first_day, valid_to, spans,
        CAST(moment AS DATE) AS month_start
    FROM (
        SELECT
            *,
            unnest(generate_series(CAST(date_trunc('month', first_day) AS TIMESTAMP), CAST(valid_to AS TIMESTAMP), INTERVAL 1 MONTH)) AS moment
        FROM piece
        WHERE first_day <= valid_to
    ) AS exploded
), covered AS (
    -- the only span of its plan needs no summing up
    SELECT
        person_key, plan_key, month_start, coverage_key, pcp_provider_key, geography_key, birth_date_key, valid_from AS latest,
        date_diff('day', greatest(first_day, month_start), least(valid_to, last_day(month_start))) + 1 AS covered_days
    FROM monthly
    WHERE spans = 1
    UNION ALL
    SELECT
        p.person_key, p.plan_key, p.month_start, max_by(p.coverage_key, p.valid_from) AS coverage_key,
        max_by(p.pcp_provider_key, p.valid_from) AS pcp_provider_key, p.geography_key, p.birth_date_key, max(p.valid_from) AS latest,
        CAST(sum(date_diff('day', greatest(p.first_day, p.month_start), least(p.valid_to, last_day(p.month_start))) + 1) AS INTEGER) AS covered_days
    FROM monthly AS p
    WHERE p.spans > 1
    GROUP BY p.person_key, p.plan_key, p.month_start, p.geography_key, p.birth_date_key
), dated AS (
    SELECT
        *, {day_key(month_start)} AS month_date_key,
        year(month_start) * 100 + month(month_start) AS year_month
    FROM covered
), chosen AS (
    SELECT
        c.person_key, c.month_start, c.plan_key,
        row_number() OVER (PARTITION BY c.person_key, c.month_start ORDER BY c.latest DESC, c.plan_key) AS place
    FROM covered AS c
    JOIN many AS m ON m.person_key = c.person_key
), claimed AS (
    SELECT
        person_key, plan_key, service_month, CAST(sum(net_paid_amount) AS DECIMAL(14, 2)) AS paid,
        CAST(sum(net_allowed_amount) AS DECIMAL(14, 2)) AS allowed, CAST(sum(net_member_amount) AS DECIMAL(14, 2)) AS member,
        CAST(sum(paid_count) AS INTEGER) AS claims
    FROM fact_claim
    WHERE enrolled_count = 1
    GROUP BY person_key, plan_key, service_month
), filled AS (
    SELECT
        person_key, plan_key, service_month, CAST(sum(net_plan_paid_amount) AS DECIMAL(14, 2)) AS paid,
        CAST(sum(net_member_amount) AS DECIMAL(14, 2)) AS member, CAST(sum(fill_count) AS INTEGER) AS fills
    FROM fact_rx_fill
    WHERE coverage_key > 0
    GROUP BY person_key, plan_key, service_month
), visited AS (
    SELECT
        person_key, plan_key, start_date_key // 100 AS start_month, CAST(sum(emergency_count - ed_stay_count) AS INTEGER) AS emergency_visits,
        CAST(sum(inpatient_count) AS INTEGER) AS admissions, CAST(sum(bed_days) AS INTEGER) AS bed_days,
        CAST(sum(outpatient_count + virtual_count + home_count) AS INTEGER) AS office_visits
    FROM fact_encounter
    WHERE enrolled_count = 1
    GROUP BY person_key, plan_key, start_date_key // 100
)
SELECT
    c.person_key, c.coverage_key, c.plan_key, c.pcp_provider_key, c.geography_key,
    -- who is born within the month is 0
    CASE WHEN c.birth_date_key > 0 THEN greatest(0, {age_at(c.birth_date_key, c.month_date_key)}) ELSE -1 END AS age_band_key,
    c.month_date_key, c.month_start, c.year_month,
    1 AS member_months, CASE WHEN h.place > 1 THEN 0 ELSE 1 END AS person_months, c.covered_days,
    coalesce(m.paid, 0) AS medical_paid_amount, coalesce(m.allowed, 0) AS medical_allowed_amount,
    coalesce(m.member, 0) AS medical_member_amount,
    coalesce(r.paid, 0) AS rx_paid_amount, coalesce(r.paid + r.member, 0) AS rx_allowed_amount, coalesce(r.member, 0) AS rx_member_amount,
    coalesce(m.paid, 0) + coalesce(r.paid, 0) AS total_paid_amount,
    coalesce(m.allowed, 0) + coalesce(r.paid + r.member, 0) AS total_allowed_amount,
    coalesce(m.claims, 0) AS claim_count, coalesce(r.fills, 0) AS fill_count,
    coalesce(v.emergency_visits, 0) AS emergency_visits, coalesce(v.admissions, 0) AS admissions,
    coalesce(v.bed_days, 0) AS bed_days, coalesce(v.office_visits, 0) AS office_visits
FROM dated AS c
LEFT JOIN chosen AS h ON h.person_key = c.person_key AND h.month_start = c.month_start AND h.plan_key = c.plan_key
LEFT JOIN claimed AS m ON m.person_key = c.person_key AND m.plan_key = c.plan_key AND m.service_month = c.year_month
LEFT JOIN filled AS r ON r.person_key = c.person_key AND r.plan_key = c.plan_key AND r.service_month = c.year_month
LEFT JOIN visited AS v ON v.person_key = c.person_key AND v.plan_key = c.plan_key AND v.start_month = c.year_month

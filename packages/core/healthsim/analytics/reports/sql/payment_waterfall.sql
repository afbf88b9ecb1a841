-- One row per step from what is charged to what is paid; medical claims, whatever the member's coverage.
WITH money AS (
    SELECT
        coalesce(sum(charge_amount), 0) AS charged, coalesce(sum(denied_amount), 0) AS denied,
        coalesce(sum(charge_amount) FILTER (WHERE paid_count = 0 AND denied_count = 0), 0) AS undecided,
        coalesce(sum(net_allowed_amount), 0) AS allowed, coalesce(sum(net_paid_amount), 0) AS paid,
        coalesce(sum(net_member_amount), 0) AS of_member, count(*) AS claims
    FROM analytics.fact_claim
    WHERE scenario_key = $scenario
), steps AS (
    SELECT 1 AS step, 'Charged' AS name, charged AS amount FROM money WHERE claims > 0
    UNION ALL SELECT 2, 'Denied', -denied FROM money WHERE claims > 0
    UNION ALL SELECT 3, 'Pended or reversed', -undecided FROM money WHERE claims > 0
    UNION ALL SELECT 4, 'Contractual discount', allowed - charged + denied + undecided FROM money WHERE claims > 0
    UNION ALL SELECT 5, 'Allowed', allowed FROM money WHERE claims > 0
    UNION ALL SELECT 6, 'Owed by members', -of_member FROM money WHERE claims > 0
    UNION ALL SELECT 7, 'Other payers and adjustments', paid - allowed + of_member FROM money WHERE claims > 0
    UNION ALL SELECT 8, 'Paid by plans', paid FROM money WHERE claims > 0
)
SELECT s.name AS step, s.amount, 100.0 * s.amount / nullif(m.charged, 0) AS percent_of_charges
FROM steps AS s
CROSS JOIN money AS m
ORDER BY s.step

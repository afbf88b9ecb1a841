-- One row per month of service and months until payment: what was paid then, and how much of the month is paid by then.
WITH paid AS (
    SELECT
        service_month // 100 AS y, service_month % 100 AS m, months_service_to_paid AS lag_months,
        sum(net_paid_amount) AS paid, count(*) AS claims
    FROM analytics.fact_claim
    WHERE scenario_key = $scenario AND months_service_to_paid >= 0 AND paid_count = 1 AND service_month > 0
    GROUP BY service_month, months_service_to_paid
)
SELECT
    CAST(y AS VARCHAR) || '-' || lpad(CAST(m AS VARCHAR), 2, '0') AS service_month, lag_months, claims, paid,
    sum(paid) OVER (PARTITION BY y, m ORDER BY lag_months) AS cumulative_paid,
    100.0 * sum(paid) OVER (PARTITION BY y, m ORDER BY lag_months) / nullif(sum(paid) OVER (PARTITION BY y, m), 0) AS percent_paid
FROM paid
ORDER BY service_month, lag_months

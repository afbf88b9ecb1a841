-- one row per claim in the order of the file: its id, the span of coverage in which its service lies, and what its transactions
-- add up to: charged; paid; of that by the patient, as copay or after the balance was transferred to them
SELECT c.id, s.member_id, t.charged, t.paid, t.by_patient
FROM claims AS c
LEFT JOIN (
    SELECT k.n, arg_max(m.member_id, m.start) AS member_id
    FROM claims AS k
    JOIN transitions AS m ON m.patient = k.patient AND m.payer = k.payer AND m.start <= k.service
    GROUP BY k.n
) AS s USING (n)
LEFT JOIN (
    SELECT
        claim, sum(amount) FILTER (type = 'CHARGE') AS charged, sum(payment) FILTER (type = 'PAYMENT') AS paid,
        coalesce(sum(payment) FILTER (type = 'PAYMENT' AND method = 'COPAY'), 0)
        + coalesce(sum(transferred) FILTER (type = 'TRANSFERIN' AND transfer_type = 'p'), 0) AS by_patient
    FROM transactions
    GROUP BY claim
) AS t ON t.claim = c.id
ORDER BY c.n

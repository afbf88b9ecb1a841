-- What medical claims allowed and pharmacies asked for, per person and year, by age in the middle of the year, in dollars
-- of the year that the index of prices is 1 in.
WITH prices AS (SELECT unnest($price_years::INTEGER[]) AS "year", unnest($price_index::DOUBLE[]) AS price),
spent AS (
    SELECT c.patient_id, c.service_date AS day, c.total_allowed AS amount
    FROM claims AS c
    WHERE coalesce(c.status, 'paid') = 'paid'
    UNION ALL
    SELECT coalesce(p.patient_id, m.patient_id), f.service_date, f.gross_amount_due
    FROM pharmacy_claims AS f
    LEFT JOIN prescriptions AS p ON p.prescription_id = f.prescription_id
    LEFT JOIN rx_members AS r ON r.rx_member_id = f.rx_member_id
    LEFT JOIN members AS m ON m.member_id = r.member_id
    WHERE coalesce(f.status, 'paid') = 'paid' AND coalesce(f.transaction_code, 'B1') <> 'B2'
),
aged AS (
    SELECT
        s.amount::DOUBLE / x.price AS amount,
        greatest(datesub(
            'year', p.birth_date,
            ($as_of::DATE - to_years(datesub('year', s.day, $as_of::DATE)::INTEGER) - INTERVAL 6 MONTH)::DATE
        ), 0) AS age
    FROM spent AS s
    JOIN lives AS p ON p.patient_id = s.patient_id
    JOIN prices AS x ON x."year" = year(s.day)
    WHERE s.day > $start::DATE AND s.day <= $as_of::DATE
),
per_person AS (
    SELECT
        count(amount) AS n,
        sum(amount) FILTER (age <= 18) / nullif($children::DOUBLE, 0) AS children,
        sum(amount) FILTER (age BETWEEN 19 AND 64) / nullif($working_age::DOUBLE, 0) AS working_age,
        sum(amount) FILTER (age >= 65) / nullif($elderly::DOUBLE, 0) AS elderly
    FROM aged
)
SELECT
    n, children, working_age, elderly,
    elderly / nullif(working_age, 0) AS elderly_to_working_age,
    working_age / nullif(children, 0) AS working_age_to_children
FROM per_person

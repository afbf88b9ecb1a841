-- One row per payer, by name: what plans say of it, and those that only members name.
SELECT
    'payer-' || regexp_replace(lower(payer_name), '[^a-z0-9]+', '-', 'g')[:40] || '-' || md5(payer_name)[:6]
        AS resource_id,
    payer_name,
    min(payer_id) AS payer_id,
    min(payer_phone) AS payer_phone,
    min(payer_address_line1) AS payer_address_line1,
    min(payer_city) AS payer_city,
    min(payer_state) AS payer_state,
    min(payer_postal_code) AS payer_postal_code
FROM (
    SELECT
        payer_name, payer_id, payer_phone, payer_address_line1, payer_city, payer_state, payer_postal_code
    FROM {plans} AS p
    UNION ALL
    SELECT payer_name, NULL, NULL, NULL, NULL, NULL, NULL FROM {members} AS m
) AS named
WHERE payer_name IS NOT NULL
GROUP BY payer_name
ORDER BY payer_name

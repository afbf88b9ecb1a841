-- One row per pharmacy claim of a range of positions: what its fields show, its alerts, and what stands in headers.
WITH alerts AS (
    SELECT
        pharmacy_claim_id, list({
            'number': number, 'reason_for_service_code': coalesce(
                reason_for_service_code, regexp_extract(alert_type, '^[A-Z]{2}$'),
                CASE lower(alert_type)
                    WHEN 'drug-drug interaction' THEN 'DD' WHEN 'therapeutic duplication' THEN 'TD'
                    WHEN 'early refill' THEN 'ER' WHEN 'high dose' THEN 'HD' WHEN 'low dose' THEN 'LD'
                END
            ),
            'professional_service_code': professional_service_code, 'result_of_service_code': result_of_service_code,
            'clinical_significance_code': clinical_significance_code, 'message': message
        } ORDER BY number) AS alerts
    FROM (
        SELECT *, row_number() OVER (PARTITION BY pharmacy_claim_id ORDER BY dur_alert_id) AS number FROM dur_alerts
    )
    GROUP BY pharmacy_claim_id
)
SELECT
    pharmacy_claim.status, pharmacy_claim.transaction_code, pharmacy_claim.service_date,
    coalesce(pharmacy_claim.bin, rx_member.bin) AS bin, coalesce(pharmacy_claim.pcn, rx_member.pcn) AS pcn,
    pharmacy.npi, pharmacy.ncpdp_id, alerts.alerts, {columns}
FROM written_order AS o
JOIN pharmacy_claims AS pharmacy_claim USING (pharmacy_claim_id)
LEFT JOIN alerts USING (pharmacy_claim_id)
LEFT JOIN rx_members AS rx_member ON rx_member.rx_member_id = pharmacy_claim.rx_member_id
LEFT JOIN prescriptions AS prescription ON prescription.prescription_id = pharmacy_claim.prescription_id
LEFT JOIN pharmacies AS pharmacy ON pharmacy.pharmacy_id = pharmacy_claim.pharmacy_id
LEFT JOIN providers AS provider
    ON provider.provider_id = coalesce(pharmacy_claim.prescriber_provider_id, prescription.prescriber_provider_id)
WHERE o.position > $after AND o.position <= $until
ORDER BY o.position

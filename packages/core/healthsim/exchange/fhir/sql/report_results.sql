-- One row per laboratory result, with the report that it is part of: of one order, else of one encounter and time.
SELECT
    patient_ordinal,
    owner_id,
    lab_result_id,
    encounter_id,
    collected_datetime,
    resulted_datetime,
    ordering_provider_id,
    order_id,
    'report-' || md5(concat_ws('/', owner_id, coalesce(order_id, encounter_id, ''), collected_datetime)) AS report_id
FROM {lab_results}

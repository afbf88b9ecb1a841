-- One row per report and laboratory order that it answers: the one that its results name, else those of the encounter.
SELECT DISTINCT r.patient_ordinal, r.report_id, o.order_id, o.code, o.code_system, o.description
FROM {report_results} AS r
JOIN {orders} AS o
    ON
        o.patient_ordinal = r.patient_ordinal
        AND (
            o.order_id = r.order_id
            OR (r.order_id IS NULL AND o.encounter_id = r.encounter_id AND lower(o.order_type) IN ('lab', 'laboratory'))
        )

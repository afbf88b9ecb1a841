-- Kinds of service, in a fixed order.
SELECT priority AS service_category_key, code_from AS service_category, label AS service_group
FROM code_rules
WHERE rule_set = 'service_category'

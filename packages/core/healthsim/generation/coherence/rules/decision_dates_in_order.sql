-- A request for permission is decided after it was made, and the permission ends after it begins.
-- severity: fail
-- any of: authorizations.request_date, authorizations.decision_date, prior_auths.request_date,
--   prior_auths.decision_date
SELECT authorization_id AS id, 'authorizations' AS "table", request_date, decision_date, effective_date, expiration_date
FROM authorizations
WHERE decision_date < request_date OR expiration_date < effective_date
UNION ALL
SELECT prior_auth_id, 'prior_auths', request_date, decision_date, effective_date, expiration_date
FROM prior_auths
WHERE decision_date < request_date OR expiration_date < effective_date

-- What the statuses of claims, their lines and fills mean, in the words of the star.
SELECT DISTINCT claim_type, spelling, status
FROM claim_statuses AS s

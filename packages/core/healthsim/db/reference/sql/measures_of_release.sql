-- The measures of the counties of a release.
SELECT DISTINCT measure FROM reference.places WHERE "level" = 'county' AND "release" = $release ORDER BY measure

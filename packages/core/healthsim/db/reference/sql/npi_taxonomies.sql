-- One filled taxonomy slot of the providers of one block of the file.
SELECT npi, {slot}::SMALLINT AS slot, {values} FROM block WHERE taxonomy_code_{slot} IS NOT NULL AND {where}

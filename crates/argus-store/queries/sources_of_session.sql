SELECT source_no FROM source
WHERE name IN ('main/' || ?1, 'hooks/' || ?1, 'otlp/' || ?1)
   OR substr(name, 1, length(?1) + 7) = 'agent/' || ?1 || '/'
   OR substr(name, 1, length(?1) + 6) = 'meta/' || ?1 || '/'
   OR substr(name, 1, length(?1) + 8) = 'result/' || ?1 || '/'
UNION
SELECT s.source_no
FROM event AS e JOIN source AS s ON s.source_no IN (e.input_source, e.output_source)
WHERE e.session_no = ?2 AND substr(s.name, 1, 7) = 'agent/-'

import { expect, it } from 'vitest'
import type { CaptureRecord } from '@/api/types'
import { findings } from './health'

const HEALTHY: CaptureRecord = {
  sources: [{ source: 'hook', source_count: 1, size_bytes: 10, read_bytes: 10, archived_bytes: 10, record_count: 4, quarantine_count: 0, unknown_count: 2, last_at: null }],
  spool: { pending_files: 0, pending_bytes: 0, lost_records: 0 },
  importing: null,
  is_watching: true,
  search: { indexed_bytes: 0, total_bytes: 0 },
  quarantine: [],
  server: { version: '0.1.0', started_at: null, instance: 'x', data_dir: '/d', sqlite_version: '3', database_bytes: null, is_demo: false },
  hooks: { installed: true, detail: null },
  pause: null,
  excluded: { session_count: 0, project_count: 0 },
  settings_problem: null,
  telemetry: { is_switched_on: false, detail: null },
}

it('healthy capture has nothing to say', () => {
  expect(findings(HEALTHY)).toEqual([])
})

it('loss comes first, then what may become one', () => {
  const grades = findings({
    ...HEALTHY,
    sources: HEALTHY.sources.map((source) => ({ ...source, quarantine_count: 3 })),
    spool: { ...HEALTHY.spool, lost_records: 1 },
    importing: { files_done: 1, files_total: 2, bytes_done: 0, bytes_total: 0 },
  })
  expect(grades.map((finding) => finding.grade)).toEqual(['bad', 'warn', 'fine'])
  expect(grades[0]?.text).toContain('1 hook record could not be kept')
})

it('a pause, a broken settings file and what is left out are told', () => {
  const found = findings({ ...HEALTHY, pause: { from_at: '2026-11-22T07:00:00Z', until_at: null }, excluded: { session_count: 3, project_count: 1 }, settings_problem: 'config.toml, line 2: unknown field' })
  expect(found.map((finding) => finding.grade)).toEqual(['bad', 'warn', 'fine'])
  expect(found[0]?.text).toContain('line 2')
  expect(found[1]).toMatchObject({ mend: 'argus resume' })
  expect(found[2]?.text).toContain('3 sessions of 1 project')
})

it('an unknown registration is neither called healthy nor broken', () => {
  const found = findings({ ...HEALTHY, hooks: { installed: null, detail: null } })
  expect(found).toHaveLength(1)
  expect(found[0]).toMatchObject({ grade: 'warn', mend: 'argus doctor' })
})

// Is capture healthy? Answered in words, the worst first; each finding says what helps.
import type { CaptureRecord } from '@/api/types'
import { counted, sizeText } from '@/lib/count'
import { visibleLine } from '@/lib/text'
import { stampText } from '@/lib/time'

export interface Finding {
  grade: 'bad' | 'warn' | 'fine'
  text: string
  mend: string | null
}

const BACKLOG_BYTES = 1_000_000

/** What there is to say, the worst first; nothing means healthy. */
export function findings(capture: CaptureRecord): Finding[] {
  const found: Finding[] = []
  const say = (grade: Finding['grade'], text: string, mend: string | null = null): void => {
    found.push({ grade, text, mend })
  }
  const { spool, hooks, importing, pause, excluded, settings_problem: problem } = capture
  if (problem !== null) say('bad', `The settings in the file are not in force: ${visibleLine(problem)}`)
  if (pause !== null) {
    const end = pause.until_at === null ? '' : ` until ${stampText(pause.until_at)}`
    say('warn', `Capture is paused since ${stampText(pause.from_at)}${end}: what happens is not recorded`, 'argus resume')
  }
  if (spool.lost_records !== null && spool.lost_records > 0) {
    say('bad', `${counted(spool.lost_records, 'hook record')} could not be kept: the spool was full or not writable`, 'argus doctor')
  }
  if (hooks.installed === false) say('bad', 'Hooks are not registered: sessions show only once their transcripts are written', 'argus install')
  if (hooks.installed === null) say('warn', 'Whether hooks are registered is unknown', 'argus doctor')
  if (capture.is_watching === false) say('warn', 'Transcripts are not followed by file events: changes show after the next rescan', 'argus doctor')
  const setAside = capture.sources.reduce((sum, source) => sum + source.quarantine_count, 0)
  if (setAside > 0) say('warn', `${counted(setAside, 'record')} could not be read and ${setAside === 1 ? 'stands' : 'stand'} in quarantine`)
  const behind = capture.sources.reduce((sum, source) => sum + Math.max(0, source.size_bytes - source.read_bytes), 0)
  if (importing === null && behind > BACKLOG_BYTES) say('warn', `${sizeText(behind)} of transcripts are not read yet`)
  if (spool.pending_bytes !== null && spool.pending_bytes > BACKLOG_BYTES) {
    say('warn', `${sizeText(spool.pending_bytes)} from hooks wait to be read`)
  }
  if (importing !== null) say('fine', `Import on its way: ${importing.files_done} of ${counted(importing.files_total, 'file')}`)
  if (excluded.session_count > 0) {
    say('fine', `${counted(excluded.session_count, 'session')} of ${counted(excluded.project_count, 'project')} left out, as the settings say`)
  }
  const order = ['bad', 'warn', 'fine']
  return found.sort((a, b) => order.indexOf(a.grade) - order.indexOf(b.grade))
}

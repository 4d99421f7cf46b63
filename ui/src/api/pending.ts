// Records of the settings' routes, which are being built at the same time as their page, written by hand from their draft.
// When schema.ts has them, types.ts takes them from there and this file goes.

export interface SettingValues {
  budget_event_usd: number
  budget_session_usd: number
  rule_profile: 'graded' | 'seed'
  excluded_projects: string[]
  is_paused: boolean
  retention_days: number | null
}

export interface SettingsRecord {
  settings: SettingValues
  /** Names of settings that a flag or the environment gives: not to be changed here. */
  fixed: string[]
  file: string
}

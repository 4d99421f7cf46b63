import { QueryClient, type InfiniteData } from '@tanstack/react-query'
import { beforeEach, expect, it } from 'vitest'
import { alertGroupPages, alertPages, latestAlerts, moneyAlarms, openAlerts } from './alerts'
import { fits, putRaised } from './raised'
import type { AlertGroup, AlertGroupPage, AlertPage, AlertRecord } from './types'

const NONE = { critical: 0, high: 0, medium: 0, low: 0, info: 0 }

const alert = (id: string, change: Partial<AlertRecord> = {}): AlertRecord =>
  ({ alert_id: id, rule: 'priv.sudo', severity: 'critical', state: 'open', session_id: 's', session_title: null, project: '/home/ada/web-shop', fingerprint: 'f1', reason: 'because', raised_at: `2026-11-22T07:00:0${id}.000Z`, first_seen_at: null, last_seen_at: null, count: 1, is_history: false, ...change }) as AlertRecord

const page = (alerts: AlertRecord[]): AlertPage => ({ alerts, next_cursor: null, open: NONE, past: NONE })
const group = (latest: AlertRecord, change: Partial<AlertGroup> = {}): AlertGroup =>
  ({ group_id: latest.alert_id, fingerprint: latest.fingerprint, rule: latest.rule, severity: latest.severity, session_id: 's', session_title: null, project: null, count: 1, open_count: 1, past_count: 0, session_count: 1, first_seen_at: null, last_seen_at: null, latest, ...change })

const OPEN = { state: 'open', severity: 'medium', past: false }
let client: QueryClient
const pages = (filter = OPEN) => client.getQueryData<InfiniteData<AlertPage>>(alertPages(filter).queryKey)?.pages.map((each) => each.alerts.map((one) => one.alert_id))
const groups = () => client.getQueryData<InfiniteData<AlertGroupPage>>(alertGroupPages(OPEN).queryKey)?.pages.flatMap((each) => each.groups.map((one) => [one.fingerprint, one.latest.alert_id, one.count, one.open_count]))

beforeEach(() => {
  client = new QueryClient()
  client.setQueryData<InfiniteData<AlertPage>>(alertPages(OPEN).queryKey, { pages: [page([alert('3'), alert('1')]), page([alert('0')])], pageParams: ['', 'x'] })
  client.setQueryData<InfiniteData<AlertGroupPage>>(alertGroupPages(OPEN).queryKey, {
    pages: [{ groups: [group(alert('3', { fingerprint: 'f2' })), group(alert('1'), { count: 4, open_count: 2 })], next_cursor: null, open: NONE, past: NONE }],
    pageParams: [''],
  })
  client.setQueryData(latestAlerts().queryKey, page(['9', '8', '7', '6', '5'].map((id) => alert(id))))
  client.setQueryData(moneyAlarms().queryKey, page([]))
  client.setQueryData(openAlerts().queryKey, page([]))
})

it('what is raised stands in its place at once, and once', () => {
  for (let time = 0; time < 2; time += 1) putRaised(client, [alert('4'), alert('2')], { ...NONE, critical: 7 })
  expect(pages()).toEqual([['4', '3', '2', '1'], ['0']])
  expect(client.getQueryData<AlertPage>(openAlerts().queryKey)?.open.critical).toBe(7)
})

it('the same again becomes the newest of its group, at the top, and the worst stays', () => {
  putRaised(client, [alert('4', { count: 5, severity: 'medium' })], null)
  expect(groups()).toEqual([['f1', '4', 5, 3], ['f2', '3', 1, 1]])
  expect(client.getQueryData<InfiniteData<AlertGroupPage>>(alertGroupPages(OPEN).queryKey)?.pages[0]?.groups[0]?.severity).toBe('critical')
  putRaised(client, [alert('5', { fingerprint: 'f3' })], null)
  expect(groups()?.[0]).toEqual(['f3', '5', 1, 1])
})

it('short lists keep their length, and each holds only what it is about', () => {
  putRaised(client, [alert('4'), alert('5', { alert_id: 'new', raised_at: '2026-11-22T07:00:10.000Z' })], null)
  expect(client.getQueryData<AlertPage>(latestAlerts().queryKey)?.alerts.map((each) => each.alert_id)).toEqual(['new', '9', '8', '7', '6'])
  expect(client.getQueryData<AlertPage>(moneyAlarms().queryKey)?.alerts).toEqual([])
  putRaised(client, [alert('6', { rule: 'budget.step' })], null)
  expect(client.getQueryData<AlertPage>(moneyAlarms().queryKey)?.alerts.map((each) => each.alert_id)).toEqual(['6'])
})

it('a list holds what its filter lets pass, and never history', () => {
  const one = alert('1', { severity: 'medium' })
  const yes = [{}, { state: 'open,muted' }, { severity: 'low' }, { rule: 'a.b,priv.sudo' }, { family: 'priv' }, { project: 'web-shop' }, { project: '/home/ada/web-shop' }, { session_id: 's' }, { fingerprint: 'f1' }, { past: false }, { until: '2026-11-23' }]
  const no = [{ state: 'muted' }, { severity: 'high' }, { rule: 'priv.su' }, { family: 'pri' }, { project: 'shop' }, { session_id: 't' }, { fingerprint: 'f2' }, { past: true }, { until: '2026-11-22T07:00:01.000Z' }]
  expect(yes.filter((filter) => !fits(one, filter))).toEqual([])
  expect(no.filter((filter) => fits(one, filter))).toEqual([])
})

//! Table `request`: model requests, once each over all files.

use std::cmp::Reverse;

use argus_model::{
    AgentId, Cost, CostBasis, First, FirstLine, Geo, MessageId, Owner, PicoUsd, PromptId, RequestId, RequestKey,
    RequestReport, RequestState, ServiceTier, SessionId, Speed, Timestamp, ToolUseId, Totals, Usage, UsageRecord,
    UsageTerms,
};
use rusqlite::{CachedStatement, Connection, Row, Statement, params};

use super::{facet, micros, time};
use crate::registers::push_varint;
use crate::writer::RequestPlace;

/// A stored request with the numbers of its owner.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) state: RequestState,
    pub(crate) owner: Option<OwnerNo>,
    /// The number of what it was made for, and where.
    pub(crate) facet_no: i64,
    pub(crate) is_counted: bool,
}

/// Numbers of an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OwnerNo {
    pub(crate) session_no: i64,
    pub(crate) agent_no: i64,
    pub(crate) turn_no: i64,
}

impl Stored {
    /// What it adds to its owner's sums.
    pub(crate) fn contribution(&self) -> Option<(OwnerNo, Totals)> {
        let owner = self.owner.filter(|_| self.is_counted)?;
        let usage = self.state.terms.complete(&self.state.usage.get()?.usage);
        Some((owner, Totals { reported_requests: 0, ..Totals::of(&usage, self.state.cost()?) }))
    }
}

/// All that is known of a message, under whichever request id; `name` turns an owner's numbers back into ids.
pub(crate) fn list_of_message(
    connection: &Connection,
    id: &MessageId,
    name: impl Fn(OwnerNo) -> rusqlite::Result<Owner>,
) -> rusqlite::Result<Vec<Stored>> {
    connection
        .prepare_cached("SELECT * FROM request WHERE message_id = ?1")?
        .query_map([id.as_str()], |row| read(connection, row, &name))?
        .collect()
}

/// What is known of a request id, under whichever message: by transcripts, and by telemetry.
pub(crate) fn list_of_request(
    connection: &Connection,
    id: &RequestId,
    name: impl Fn(OwnerNo) -> rusqlite::Result<Owner>,
) -> rusqlite::Result<Vec<Stored>> {
    connection
        .prepare_cached("SELECT * FROM request WHERE request_id = ?1 AND request_id <> '' ORDER BY message_id")?
        .query_map([id.as_str()], |row| read(connection, row, &name))?
        .collect()
}

/// Whether telemetry told of any request.
pub(crate) fn has_reports(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM request WHERE message_id >= 'otlp.' AND message_id < 'otlp/')",
        [],
        |row| row.get(0),
    )
}

/// Whether a request that telemetry told of counts, because no transcript has it.
pub(crate) fn is_hidden(connection: &Connection, message_id: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM request WHERE message_id = ?1 AND is_counted = 1)")?
        .query_row([message_id], |row| row.get(0))
}

/// The requests that stand after a place, in order.
pub(crate) fn list_places(
    connection: &Connection,
    after: &RequestPlace,
    limit: usize,
) -> rusqlite::Result<Vec<RequestPlace>> {
    connection
        .prepare_cached(
            "SELECT message_id, request_id FROM request WHERE (message_id, request_id) > (?1, ?2) \
             ORDER BY message_id, request_id LIMIT ?3",
        )?
        .query_map(params![after.message_id, after.request_id, limit as i64], |row| {
            Ok(RequestPlace { message_id: row.get(0)?, request_id: row.get(1)? })
        })?
        .collect()
}

pub(crate) fn request_text(key: &RequestKey) -> &str {
    key.request_id.as_ref().map_or("", RequestId::as_str)
}

/// A row, with the names behind its numbers.
pub(crate) fn read(
    connection: &Connection,
    row: &Row<'_>,
    name: impl Fn(OwnerNo) -> rusqlite::Result<Owner>,
) -> rusqlite::Result<Stored> {
    let message: String = row.get("message_id")?;
    let request: String = row.get("request_id")?;
    let request_id = (!request.is_empty()).then(|| RequestId::new(request));
    let mut state = RequestState::new(RequestKey { message_id: MessageId::new(message), request_id });
    let session_no: Option<i64> = row.get("session_no")?;
    let owner = match session_no {
        Some(session_no) => Some(OwnerNo { session_no, agent_no: row.get("agent_no")?, turn_no: row.get("turn_no")? }),
        None => None,
    };
    if let Some(owner) = owner {
        state.owner = First::from_parts(row.get("owner_rank")?, time(row, "owner_at")?, Some(name(owner)?));
    }
    let columns = UsageColumns::of(row.as_ref())?;
    if let Some(told) = columns.read_told(row)? {
        (state.usage, state.terms) = (Some(told).into(), columns.read_terms(row)?);
    }
    let facet_no = later_column(row, "facet_no")?.unwrap_or(facet::UNKNOWN);
    let facet = facet::get(connection, facet_no)?;
    if let Some(at) = later_column(row, "reported_at")?.map(Timestamp::from_micros) {
        let (duration_ms, ttft_ms) = (row.get("duration_ms")?, row.get("ttft_ms")?);
        state.report = Some(RequestReport { at, duration_ms, ttft_ms, facets: facet.told }).into();
    }
    state.is_final = row.get("is_final")?;
    state.sent_at = time(row, "sent_at")?.into();
    state.first = time(row, "first_at")?.map(|at| FirstLine { at: Reverse(at), facets: facet.line }).into();
    let blocks: Vec<u8> = row.get("blocks")?;
    (state.text_blocks, state.tool_blocks) = unpack_blocks(&blocks);
    Ok(Stored { state, owner, facet_no, is_counted: row.get("is_counted")? })
}

/// A column that came later: a migration that makes sums anew reads requests from before it.
fn later_column(row: &Row<'_>, name: &str) -> rusqlite::Result<Option<i64>> {
    match row.get(name) {
        Err(rusqlite::Error::InvalidColumnName(_)) => Ok(None),
        told => told,
    }
}

/// Where the columns of usage stand: looked up once a statement, since there may be thousands of rows.
pub(crate) struct UsageColumns {
    at: usize,
    model: usize,
    flavour: usize,
    cost: usize,
    basis: usize,
    web_search_requests: usize,
    /// Input, output, both writes to the cache, and what was read from it.
    tokens: [usize; 5],
}

impl UsageColumns {
    /// Those of a statement, by their names.
    pub(crate) fn of(statement: &Statement<'_>) -> rusqlite::Result<Self> {
        let place = |name| statement.column_index(name);
        Ok(Self {
            at: place("usage_at")?,
            model: place("model")?,
            flavour: place("flavour")?,
            cost: place("cost_picousd")?,
            basis: place("basis")?,
            web_search_requests: place("web_search_requests")?,
            tokens: [
                place("input_tokens")?,
                place("output_tokens")?,
                place("cache_write_5m_tokens")?,
                place("cache_write_1h_tokens")?,
                place("cache_read_tokens")?,
            ],
        })
    }

    /// The usage that counts, with its terms and its price.
    pub(crate) fn read(&self, row: &Row<'_>) -> rusqlite::Result<Option<UsageRecord>> {
        let Some(told) = self.read_told(row)? else { return Ok(None) };
        let usage = self.read_terms(row)?.complete(&told.usage);
        Ok(Some(UsageRecord { usage, ..told }))
    }

    /// The same as it was told, without its terms.
    fn read_told(&self, row: &Row<'_>) -> rusqlite::Result<Option<UsageRecord>> {
        let Some(at) = row.get::<_, Option<i64>>(self.at)?.map(Timestamp::from_micros) else { return Ok(None) };
        let usage = self.read_usage(row)?;
        let amount = row.get::<_, Option<i64>>(self.cost)?.map(PicoUsd);
        let model = row.get::<_, Option<String>>(self.model)?.unwrap_or_default();
        let cost = Cost { amount, basis: basis_of(row.get(self.basis)?) };
        let is_reported = row.get::<_, Option<i64>>(self.flavour)?.is_some_and(|flavour| flavour & REPORTED != 0);
        Ok(Some(UsageRecord { output_tokens: usage.output_tokens, is_reported, at, usage, model, cost }))
    }

    fn read_usage(&self, row: &Row<'_>) -> rusqlite::Result<Usage> {
        let flavour: i64 = row.get(self.flavour)?;
        let tokens = |place: usize| row.get::<_, i64>(self.tokens[place]).map(i64::cast_unsigned);
        Ok(Usage {
            input_tokens: tokens(0)?,
            output_tokens: tokens(1)?,
            cache_write_5m_tokens: tokens(2)?,
            cache_write_1h_tokens: tokens(3)?,
            cache_read_tokens: tokens(4)?,
            speed: if flavour & 1 == 1 { Speed::Fast } else { Speed::Standard },
            asks_long_context: flavour & LONG_CONTEXT != 0,
            ..Usage::default()
        })
    }

    fn read_terms(&self, row: &Row<'_>) -> rusqlite::Result<UsageTerms> {
        let flavour: i64 = row.get(self.flavour)?;
        let tier = match flavour >> 1 & 3 {
            1 => Some(ServiceTier::Batch),
            2 => Some(ServiceTier::Priority),
            _ => (flavour & KNOWN_TIER != 0).then_some(ServiceTier::Standard),
        };
        let geo = match flavour >> 3 & 1 {
            1 => Some(Geo::Us),
            _ => (flavour & KNOWN_GEO != 0).then_some(Geo::Global),
        };
        let searches = row.get::<_, Option<i64>>(self.web_search_requests)?.map(i64::cast_unsigned);
        Ok(UsageTerms { web_search_requests: searches.into(), tier: tier.into(), geo: geo.into() })
    }
}

/// The bit of a flavour that says that telemetry told the usage that counts.
const REPORTED: i64 = 1 << 4;

/// The bit of a flavour that says that the long context was asked for.
const LONG_CONTEXT: i64 = 1 << 5;

/// The bits of a flavour that say that the usual tier, and the usual place, were told.
const KNOWN_TIER: i64 = 1 << 6;
const KNOWN_GEO: i64 = 1 << 7;

fn flavour_of(record: &UsageRecord, terms: &UsageTerms) -> i64 {
    let usage = &record.usage;
    let reported = if record.is_reported { REPORTED } else { 0 };
    let long = if usage.asks_long_context { LONG_CONTEXT } else { 0 };
    let tier = match terms.tier.value() {
        None => 0,
        Some(ServiceTier::Standard) => KNOWN_TIER,
        Some(ServiceTier::Batch) => 1 << 1,
        Some(ServiceTier::Priority) => 2 << 1,
    };
    let geo = match terms.geo.value() {
        None => 0,
        Some(Geo::Global) => KNOWN_GEO,
        Some(Geo::Us) => 1 << 3,
    };
    i64::from(usage.speed == Speed::Fast) | tier | geo | reported | long
}

const BASES: [CostBasis; 4] = [CostBasis::Reported, CostBasis::Priced, CostBasis::Incomplete, CostBasis::Unpriced];

/// The stored number of a basis.
pub(crate) fn basis_code(basis: CostBasis) -> i64 {
    BASES.iter().position(|b| *b == basis).map_or(3, |i| i as i64)
}

/// The basis of a stored number.
pub(crate) fn basis_of(code: Option<i64>) -> CostBasis {
    code.and_then(|c| usize::try_from(c).ok()).and_then(|c| BASES.get(c).copied()).unwrap_or(CostBasis::Unpriced)
}

/// Writes requests of messages of which nothing is known, one after the other; the statement is held, as for events.
pub(crate) struct Insert<'c>(CachedStatement<'c>);

impl<'c> Insert<'c> {
    /// Ready to write.
    pub(crate) fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self(connection.prepare_cached(include_str!("../../queries/insert_request.sql"))?))
    }

    /// Writes the request; false, and nothing written, if anything is known of its message.
    pub(crate) fn run(&mut self, stored: &Stored) -> rusqlite::Result<bool> {
        bind(&mut self.0, stored)?;
        Ok(self.0.raw_execute()? == 1)
    }
}

/// Writes the request.
pub(crate) fn put(connection: &Connection, stored: &Stored) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(include_str!("../../queries/put_request.sql"))?;
    bind(&mut statement, stored)?;
    statement.raw_execute()?;
    Ok(())
}

/// Binds what both statements share.
fn bind(statement: &mut Statement<'_>, stored: &Stored) -> rusqlite::Result<()> {
    let state = &stored.state;
    let (record, report) = (state.usage.get(), state.report.get());
    let usage = record.map(|r| &r.usage);
    let tokens = |of: fn(&Usage) -> u64| usage.map(|u| of(u).cast_signed());
    let blocks = pack_blocks(&state.text_blocks, &state.tool_blocks);
    let columns = params![
        state.key.message_id.as_str(),
        request_text(&state.key),
        stored.owner.map(|o| o.session_no),
        stored.owner.map(|o| o.agent_no),
        stored.owner.map(|o| o.turn_no),
        record.map(|r| &r.model),
        tokens(|u| u.input_tokens),
        tokens(|u| u.output_tokens),
        tokens(|u| u.cache_write_5m_tokens),
        tokens(|u| u.cache_write_1h_tokens),
        tokens(|u| u.cache_read_tokens),
        record.and_then(|_| state.terms.web_search_requests.value()).map(u64::cast_signed),
        record.map(|record| flavour_of(record, &state.terms)),
        record.and_then(|r| r.cost.amount).map(|a| a.0),
        record.map(|r| basis_code(r.cost.basis)),
        micros(record.map(|r| r.at)),
        state.owner.rank(),
        micros(state.owner.at()),
        state.is_final,
        stored.is_counted,
        micros(state.sent_at.value()),
        micros(state.first_at()),
        blocks,
        micros(report.map(|r| r.at)),
        report.and_then(|r| r.duration_ms),
        report.and_then(|r| r.ttft_ms),
        report.and_then(|r| r.facets.query_source.as_ref()),
        stored.facet_no,
    ];
    for (index, value) in columns.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

/// The ids of an owner's numbers.
pub(crate) fn owner_of(session: SessionId, agent: AgentId, prompt: Option<PromptId>) -> Owner {
    Owner { session_id: session, agent_id: agent, prompt_id: prompt }
}

fn pack_blocks(text: &[(i64, i64)], tools: &[(ToolUseId, i64)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + text.len() * 10 + tools.len() * 32);
    push_varint(&mut bytes, text.len() as i64);
    for (hash, size) in text {
        bytes.extend_from_slice(&hash.to_le_bytes());
        push_varint(&mut bytes, *size);
    }
    for (id, size) in tools {
        push_varint(&mut bytes, id.as_str().len() as i64);
        bytes.extend_from_slice(id.as_str().as_bytes());
        push_varint(&mut bytes, *size);
    }
    bytes
}

type Blocks = (Vec<(i64, i64)>, Vec<(ToolUseId, i64)>);

fn unpack_blocks(mut bytes: &[u8]) -> Blocks {
    let mut text = Vec::new();
    let mut tools = Vec::new();
    for _ in 0..take_varint(&mut bytes) {
        let Some((hash, rest)) = bytes.split_first_chunk::<8>() else { return (text, tools) };
        bytes = rest;
        text.push((i64::from_le_bytes(*hash), take_varint(&mut bytes)));
    }
    while !bytes.is_empty() {
        let length = usize::try_from(take_varint(&mut bytes)).unwrap_or(0);
        let Some((id, rest)) = bytes.split_at_checked(length) else { break };
        bytes = rest;
        tools.push((ToolUseId::new(String::from_utf8_lossy(id).into_owned()), take_varint(&mut bytes)));
    }
    (text, tools)
}

pub(crate) fn take_varint(bytes: &mut &[u8]) -> i64 {
    let mut zigzag = 0u64;
    for shift in (0..64).step_by(7) {
        let Some((&byte, rest)) = bytes.split_first() else { break };
        *bytes = rest;
        zigzag |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    (zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_survive_packing() {
        let text = vec![(-5, 12), (i64::MAX, 0)];
        let tools = vec![(ToolUseId::from("toolu_a"), 300), (ToolUseId::from("toolu_b"), 1)];
        assert_eq!(unpack_blocks(&pack_blocks(&text, &tools)), (text, tools));
    }
}

//! `argus show SESSION --context`: what the agents' contexts were made of, and what they paid for again and again.

use argus_api::dto::{CarriedOutput, CarriedTool, Context, ContextOfAgent, MAIN_AGENT};
use argus_ingest::context::{ThreadContext, list_threads};
use argus_ingest::pricing::PriceTable;
use argus_model::{AgentId, Cost, CostBasis, PicoUsd, SessionId};
use argus_store::Reader;

use super::{Format, with_advice};
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{
    Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_count, render_items, render_usd,
    visible,
};

/// So many of the dearest results are printed; `--json` has more.
const SHOWN: usize = 20;

/// Prints the context of one agent of a session, or of all of them together.
pub(super) fn run(
    reader: &Reader,
    id: &SessionId,
    agent: Option<&str>,
    configuration: &Configuration,
    format: Format,
) -> Done {
    let prices = PriceTable::built_in().with_own(&configuration.settings.prices);
    let context = match agent {
        None => Context::of_session(&list_threads(reader, id, &prices).map_err(with_advice)?.unwrap_or_default()),
        Some(name) => {
            let agent = if name == MAIN_AGENT { AgentId::main() } else { AgentId::new(name) };
            let steps = reader.list_context(id, &agent).map_err(with_advice)?.ok_or_else(|| {
                Failure::new(format!("the session has no agent {}", visible(name)))
                    .hint("the ids of its agents are in `argus show SESSION --json`, as `agents[].agent_id`")
            })?;
            Context::of_agent(id.as_str(), &(agent, ThreadContext::of(steps, &prices)), None)
        }
    };
    if format == Format::Json {
        return print_json(&context);
    }
    print_answer(&render(&context, Screen::of_stdout()))
}

fn usd(amount: PicoUsd, basis: CostBasis) -> String {
    render_usd(Some(Cost { amount: Some(amount), basis }))
}

fn render(context: &Context, screen: Screen) -> String {
    let mut head = Table::new(&[("", Align::Left), ("", Align::Flexible)]);
    let mut line = |name: &str, text: String| head.push([Cell::styled(name, Style::Dim), text.into()]);
    let count = |tokens: u64| render_count(i64::try_from(tokens).ok());
    let items = |number: u64, item: &str| render_items(i64::try_from(number).unwrap_or(i64::MAX), item);
    line("agent", context.agent_id.clone().unwrap_or_else(|| format!("all {} of the session", context.agents.len())));
    line("requests", count(context.request_count));
    line("largest", context.peak_tokens.map_or_else(|| UNKNOWN.into(), |tokens| format!("{} tokens", count(tokens))));
    let percent = |part: u64| match context.prompt_tokens {
        0 => UNKNOWN.to_owned(),
        all => format!("{:.1} %", part as f64 / all as f64 * 100.0),
    };
    line(
        "prompts",
        format!(
            "{} tokens: {} read from the cache, {} written to it, {} neither",
            count(context.prompt_tokens),
            percent(context.cache_read_tokens),
            percent(context.cache_write_tokens),
            percent(context.input_tokens)
        ),
    );
    let priced = |amount: PicoUsd| usd(amount, context.cost_basis.map_or(CostBasis::Priced, CostBasis::from));
    line(
        "paid",
        format!(
            "{} for prompts: {} for tool results, {} for the rest",
            priced(context.input_usd.0),
            priced(context.results_usd.0),
            priced(context.rest_usd.0)
        ),
    );
    if context.unknown_requests > 0 {
        line("unpriced", format!("{}, in none of the sums", items(u64::from(context.unknown_requests), "request")));
    }
    line(
        "cache",
        match context.miss_count {
            0 => "no miss".to_owned(),
            _ => format!(
                "{} of {} tokens, which cost {} more than reading them",
                items(context.miss_count, "miss"),
                count(context.miss_tokens),
                priced(context.miss_usd.0)
            ),
        },
    );
    line("compacted", format!("{} times", context.compaction_count));
    let mut text = head.render(screen);
    if !context.results.is_empty() {
        text.push_str("\nThe dearest tool results: paid once when they came, and again by each later request.\n\n");
        text.push_str(&render_results(&context.results, screen));
    }
    if !context.tools.is_empty() {
        text.push('\n');
        text.push_str(&render_tools(&context.tools, screen));
    }
    if context.agents.len() > 1 {
        text.push('\n');
        text.push_str(&render_agents(&context.agents, screen));
    }
    text
}

/// The dearest; `--json` has them all.
fn render_agents(agents: &[ContextOfAgent], screen: Screen) -> String {
    let mut table = Table::new(&[
        ("AGENT", Align::Flexible),
        ("REQUESTS", Align::Right),
        ("PROMPTS", Align::Right),
        ("FROM CACHE", Align::Right),
        ("PAID", Align::Right),
        ("MISSES", Align::Right),
        ("MORE $", Align::Right),
    ]);
    let count = |number: u64| render_count(i64::try_from(number).ok());
    for agent in agents.iter().take(SHOWN) {
        let hit = match agent.prompt_tokens {
            0 => UNKNOWN.to_owned(),
            all => format!("{:.1} %", agent.cache_read_tokens as f64 / all as f64 * 100.0),
        };
        table.push([
            Cell::from(agent.agent_id.clone()),
            count(agent.request_count).into(),
            count(agent.prompt_tokens).into(),
            hit.into(),
            usd(agent.input_usd.0, CostBasis::Priced).into(),
            count(agent.miss_count).into(),
            usd(agent.miss_usd.0, CostBasis::Priced).into(),
        ]);
    }
    table.render(screen)
}

pub(super) fn render_results<'a>(results: impl IntoIterator<Item = &'a CarriedOutput>, screen: Screen) -> String {
    let mut table = Table::new(&[
        ("TOOL", Align::Left),
        ("RESULT", Align::Flexible),
        ("TOKENS", Align::Right),
        ("FIRST $", Align::Right),
        ("LATER", Align::Right),
        ("LATER $", Align::Right),
    ]);
    for result in results.into_iter().take(SHOWN) {
        let basis = result.cost_basis.map_or(CostBasis::Priced, CostBasis::from);
        let money =
            |amount: Option<argus_api::dto::Usd>| amount.map_or_else(|| UNKNOWN.into(), |usd_| usd(usd_.0, basis));
        table.push([
            Cell::from(result.tool_name.clone().unwrap_or_else(|| UNKNOWN.into())),
            result.label.clone().unwrap_or_default().into(),
            render_count(result.tokens.and_then(|tokens| i64::try_from(tokens).ok())).into(),
            money(result.entry_usd).into(),
            format!("{}x", result.later_requests).into(),
            money(result.carried_usd).into(),
        ]);
    }
    table.render(screen)
}

fn render_tools(tools: &[CarriedTool], screen: Screen) -> String {
    let mut table = Table::new(&[
        ("TOOL", Align::Left),
        ("RESULTS", Align::Right),
        ("UNKNOWN", Align::Right),
        ("TOKENS", Align::Right),
        ("FIRST $", Align::Right),
        ("LATER $", Align::Right),
    ]);
    for tool in tools {
        let count = |number: u64| render_count(i64::try_from(number).ok());
        table.push([
            Cell::from(if tool.tool_name.is_empty() { UNKNOWN.to_owned() } else { tool.tool_name.clone() }),
            count(tool.result_count).into(),
            count(tool.unknown_count).into(),
            count(tool.tokens).into(),
            usd(tool.entry_usd.0, CostBasis::Priced).into(),
            usd(tool.carried_usd.0, CostBasis::Priced).into(),
        ]);
    }
    table.render(screen)
}

//! What arrives: records of transcripts and payloads of hooks, as far as Argus looks at them.
//!
//! Every field is optional and unknown ones are passed over: the format is Claude Code's own and changes without
//! notice. Large parts stay raw JSON, borrowed from the line.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::text::Text;

mod bounds;

pub(crate) use bounds::LONGEST_NAME_BYTES;
use bounds::{bounded, bounded_calls};

/// One line of a transcript.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Line<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) subtype: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) uuid: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) session_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) request_session_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) agent_id: Option<Text<'a>>,
    pub(crate) is_sidechain: Option<bool>,
    pub(crate) is_meta: Option<bool>,
    pub(crate) is_compact_summary: Option<bool>,
    pub(crate) is_api_error_message: Option<bool>,
    #[serde(borrow)]
    pub(crate) prompt_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) prompt_source: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) cwd: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) git_branch: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) version: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) entrypoint: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) permission_mode: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) request_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) request_ref: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) requested_model: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) attribution_skill: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) attribution_mcp_server: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) message: Option<Message<'a>>,
    #[serde(borrow)]
    pub(crate) tool_use_result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) tool_denial_kind: Option<Text<'a>>,
    pub(crate) tool_denial_before_run: Option<bool>,
    #[serde(borrow)]
    pub(crate) permission_decision: Option<PermissionDecision<'a>>,
    #[serde(borrow)]
    pub(crate) compact_metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) error: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) attachment: Option<&'a RawValue>,
    /// Of an `api-request`, as is the next.
    #[serde(borrow)]
    pub(crate) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) query_source: Option<Text<'a>>,
    /// Of a `queue-operation`.
    #[serde(borrow)]
    pub(crate) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) custom_title: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) ai_title: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) title: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) summary: Option<Text<'a>>,
    /// From here on of a `cost-state`.
    #[serde(borrow, rename = "totalCostUSD")]
    pub(crate) total_cost_usd: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) start_time: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) total_duration: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) model_usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) has_unknown_model_cost: Option<&'a RawValue>,
}

/// What a `cost-state` counts of one model; without any of these it says nothing of the model.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModelUsage {
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) cache_read_input_tokens: u64,
    pub(crate) cache_creation_input_tokens: u64,
    #[serde(default)]
    pub(crate) web_search_requests: u64,
    #[serde(rename = "costUSD")]
    pub(crate) cost_usd: f64,
}

/// How a permission was decided without the person.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PermissionDecision<'a> {
    #[serde(borrow)]
    pub(crate) decision: Option<Text<'a>>,
}

/// The API message in a line.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Message<'a> {
    #[serde(borrow)]
    pub(crate) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) model: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) content: Content<'a>,
    #[serde(borrow)]
    pub(crate) stop_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) usage: Option<WireUsage<'a>>,
}

/// A message's content: a text, or blocks.
#[derive(Debug, Default)]
pub(crate) enum Content<'a> {
    #[default]
    Nothing,
    Plain(Text<'a>),
    Blocks(Vec<Block<'a>>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ContentVisitor;
        impl<'de> Visitor<'de> for ContentVisitor {
            type Value = Content<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of blocks")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Content::Plain(Text(text.into())))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Content::Plain(Text(text.to_owned().into())))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Content::Nothing)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                bounded(seq).map(Content::Blocks)
            }
        }
        deserializer.deserialize_any(ContentVisitor)
    }
}

/// One content block.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) thinking: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) tool_use_id: Option<Text<'a>>,
    pub(crate) is_error: Option<bool>,
    #[serde(borrow)]
    pub(crate) content: Option<&'a RawValue>,
}

/// `message.usage`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireUsage<'a> {
    pub(crate) input_tokens: Option<u64>,
    pub(crate) output_tokens: Option<u64>,
    pub(crate) cache_read_input_tokens: Option<u64>,
    pub(crate) cache_creation_input_tokens: Option<u64>,
    pub(crate) cache_creation: Option<CacheCreation>,
    pub(crate) server_tool_use: Option<ServerToolUse>,
    #[serde(borrow)]
    pub(crate) service_tier: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) speed: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) inference_geo: Option<Text<'a>>,
}

/// Cache writes by lifetime.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CacheCreation {
    pub(crate) ephemeral_5m_input_tokens: Option<u64>,
    pub(crate) ephemeral_1h_input_tokens: Option<u64>,
}

/// Tools run by the server.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ServerToolUse {
    pub(crate) web_search_requests: Option<u64>,
}

/// The parts of `toolUseResult` and `tool_response` that link agents and background work.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ToolResult<'a> {
    #[serde(borrow)]
    pub(crate) agent_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) agent_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) status: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) background_task_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) description: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) resolved_model: Option<Text<'a>>,
}

/// `compactMetadata`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CompactMetadata<'a> {
    #[serde(borrow)]
    pub(crate) trigger: Option<Text<'a>>,
    pub(crate) pre_tokens: Option<u64>,
    pub(crate) post_tokens: Option<u64>,
    pub(crate) duration_ms: Option<i64>,
}

/// An attachment that queues a prompt.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Attachment<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) prompt: Option<Text<'a>>,
}

/// `error` of a `system` `api_error`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ApiError<'a> {
    #[serde(borrow)]
    pub(crate) formatted: Option<Text<'a>>,
    pub(crate) status: Option<i64>,
}

/// A hook's payload.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HookPayload<'a> {
    #[serde(borrow)]
    pub(crate) session_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) cwd: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) transcript_path: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) hook_event_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) prompt_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) permission_mode: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) agent_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) agent_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) tool_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) tool_input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) tool_response: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) tool_use_id: Option<Text<'a>>,
    pub(crate) duration_ms: Option<i64>,
    #[serde(borrow)]
    pub(crate) error: Option<Text<'a>>,
    pub(crate) is_interrupt: Option<bool>,
    #[serde(borrow)]
    pub(crate) prompt: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) source: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) reason: Option<Text<'a>>,
    /// Of our own guard, with the lists of rules that it names.
    #[serde(borrow)]
    pub(crate) decision: Option<Text<'a>>,
    /// Of our own status line.
    #[serde(borrow)]
    pub(crate) total_cost_usd: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) total_duration_ms: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) rules: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) released: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) directory: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) model: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) to_model: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) message: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) trigger: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) mcp_server_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) file_path: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) new_cwd: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) task_subject: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) last_assistant_message: Option<Text<'a>>,
    pub(crate) background_tasks: Option<Vec<IgnoredAny>>,
    #[serde(borrow, deserialize_with = "bounded_calls")]
    pub(crate) tool_calls: Option<Vec<BatchedCall<'a>>>,
}

/// One call of a PostToolBatch.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct BatchedCall<'a> {
    #[serde(borrow)]
    pub(crate) tool_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) tool_input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) tool_use_id: Option<Text<'a>>,
}

/// An agent's `.meta.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AgentMeta<'a> {
    #[serde(borrow)]
    pub(crate) agent_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) description: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) tool_use_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) parent_agent_id: Option<Text<'a>>,
    pub(crate) spawn_depth: Option<i64>,
    #[serde(borrow)]
    pub(crate) task_kind: Option<Text<'a>>,
    pub(crate) is_fork: Option<bool>,
    pub(crate) finished: Option<bool>,
}

//! How much of a record is taken in: names have a length, messages a number of blocks.
//!
//! Text is cut where it is shown, but a name is a key and is stored as it is, and a block or a call costs memory many
//! times its bytes. A record beyond these bounds is none of Claude Code's; it is kept as text and counted as unknown,
//! so that one line, whatever is in it, costs no more memory than its length.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use super::{AgentMeta, BatchedCall, Block, Content, HookPayload, Line, ToolResult};
use crate::claude::text::Text;

/// An id, a model, a branch, a path: the longest path of Linux has half as many bytes.
pub(crate) const LONGEST_NAME_BYTES: usize = 8 * 1024;
/// Blocks of a message, or calls of a batch. Real ones have a handful.
const MOST_ELEMENTS: usize = 10_000;

fn are_short(names: &[&Option<Text<'_>>]) -> bool {
    names.iter().copied().flatten().all(|name| name.as_str().len() <= LONGEST_NAME_BYTES)
}

impl Line<'_> {
    /// False when a name in it is too long to be one.
    pub(crate) fn has_plausible_names(&self) -> bool {
        let of_message = self.message.as_ref().is_none_or(|message| {
            let blocks: &[Block<'_>] = if let Content::Blocks(blocks) = &message.content { blocks } else { &[] };
            are_short(&[&message.id, &message.model]) && blocks.iter().all(Block::has_plausible_names)
        });
        of_message
            && are_short(&[
                &self.uuid,
                &self.session_id,
                &self.request_session_id,
                &self.agent_id,
                &self.prompt_id,
                &self.cwd,
                &self.git_branch,
                &self.version,
                &self.entrypoint,
                &self.permission_mode,
                &self.request_id,
                &self.request_ref,
                &self.requested_model,
                &self.attribution_skill,
                &self.attribution_mcp_server,
                &self.id,
                &self.query_source,
            ])
    }
}

impl Block<'_> {
    fn has_plausible_names(&self) -> bool {
        are_short(&[&self.id, &self.name, &self.tool_use_id])
    }
}

impl ToolResult<'_> {
    /// False when a name in it is too long to be one.
    pub(crate) fn has_plausible_names(&self) -> bool {
        are_short(&[&self.agent_id, &self.agent_type, &self.status, &self.background_task_id, &self.resolved_model])
    }
}

impl HookPayload<'_> {
    /// False when a name in it is too long to be one.
    pub(crate) fn has_plausible_names(&self) -> bool {
        let of_calls = self.tool_calls.iter().flatten().all(|call| are_short(&[&call.tool_name, &call.tool_use_id]));
        of_calls
            && are_short(&[
                &self.session_id,
                &self.cwd,
                &self.hook_event_name,
                &self.prompt_id,
                &self.permission_mode,
                &self.agent_id,
                &self.agent_type,
                &self.tool_name,
                &self.tool_use_id,
                &self.model,
                &self.mcp_server_name,
                &self.directory,
            ])
    }
}

impl AgentMeta<'_> {
    /// False when a name in it is too long to be one.
    pub(crate) fn has_plausible_names(&self) -> bool {
        are_short(&[&self.agent_type, &self.tool_use_id, &self.parent_agent_id])
    }
}

/// All elements of a list, or an error when they are too many to be real.
pub(super) fn bounded<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(mut seq: A) -> Result<Vec<T>, A::Error> {
    let mut elements = Vec::new();
    while let Some(element) = seq.next_element()? {
        if elements.len() == MOST_ELEMENTS {
            return Err(A::Error::custom("more elements than any message has"));
        }
        elements.push(element);
    }
    Ok(elements)
}

/// The calls of a batch, within bounds.
pub(super) fn bounded_calls<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<BatchedCall<'a>>>, D::Error> {
    struct CallsVisitor;
    impl<'de> Visitor<'de> for CallsVisitor {
        type Value = Option<Vec<BatchedCall<'de>>>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of calls")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
            bounded(seq).map(Some)
        }
    }
    deserializer.deserialize_any(CallsVisitor)
}

//! Agents that start agents: how deep, and how many.
//!
//! Depth counts from the main agent (0); an agent whose way up is not known whole has no depth. Both answers only grow
//! with what is known, so that any order of learning gives the same alarms.

use std::collections::BTreeMap;

use crate::{AgentId, Timestamp};

/// Beyond which agents are too deep or too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentLimits {
    /// So deep agents may be nested.
    pub depth: u32,
    /// So many agents one agent may start.
    pub children: u32,
}

impl Default for AgentLimits {
    fn default() -> Self {
        Self { depth: 3, children: 20 }
    }
}

/// An agent and who started it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The agent.
    pub agent_id: AgentId,
    /// Who started it; `None` where nobody told.
    pub parent_agent_id: Option<AgentId>,
    /// When it was first seen; `None` where only its name is known yet. It counts once that is known.
    pub at: Option<Timestamp>,
}

/// Agents beyond a limit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spread {
    /// The first agent of its branch that lies too deep.
    TooDeep {
        /// Which.
        agent_id: AgentId,
        /// When it began.
        at: Timestamp,
    },
    /// An agent that started too many.
    TooMany {
        /// Which.
        agent_id: AgentId,
        /// When it started the first one too many.
        at: Timestamp,
    },
}

/// Finds what is beyond the limits in one session.
pub fn spread(links: &[Link], limits: &AgentLimits) -> Vec<Spread> {
    let parents: BTreeMap<&AgentId, Option<&AgentId>> =
        links.iter().map(|link| (&link.agent_id, link.parent_agent_id.as_ref())).collect();
    let mut children = BTreeMap::<&AgentId, Vec<Timestamp>>::new();
    let mut found = Vec::new();
    for link in links {
        let (Some(parent), Some(at)) = (&link.parent_agent_id, link.at) else { continue };
        children.entry(parent).or_default().push(at);
        if depth_of(&link.agent_id, &parents, limits.depth + 2) == Some(limits.depth + 1) {
            found.push(Spread::TooDeep { agent_id: link.agent_id.clone(), at });
        }
    }
    for (agent_id, mut starts) in children {
        starts.sort_unstable();
        if let Some(at) = starts.get(limits.children as usize) {
            found.push(Spread::TooMany { agent_id: agent_id.clone(), at: *at });
        }
    }
    found
}

/// How deep an agent lies; `None` where its way up is unknown or longer than `most`.
fn depth_of(agent_id: &AgentId, parents: &BTreeMap<&AgentId, Option<&AgentId>>, most: u32) -> Option<u32> {
    let main = AgentId::main();
    let (mut here, mut depth) = (agent_id, 0);
    while *here != main {
        here = (*parents.get(here)?)?;
        depth += 1;
        if depth > most {
            return None;
        }
    }
    Some(depth)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(agent: &str, parent: Option<&str>, at: i64) -> Link {
        Link {
            agent_id: AgentId::new(agent),
            parent_agent_id: parent.map(AgentId::new),
            at: Some(Timestamp::from_micros(at)),
        }
    }

    #[test]
    fn the_first_agent_beyond_the_depth_is_told_and_those_below_it_are_not() {
        let links = [link("a", Some(""), 1), link("b", Some("a"), 2), link("c", Some("b"), 3), link("d", Some("c"), 4)];
        let limits = AgentLimits { depth: 2, children: 9 };
        let expected = Spread::TooDeep { agent_id: AgentId::new("c"), at: Timestamp::from_micros(3) };
        assert_eq!(spread(&links, &limits), [expected]);
        assert_eq!(spread(&[links[1].clone(), links[2].clone()], &limits), [], "an unknown way up has no depth");
    }

    #[test]
    fn the_agent_too_many_tells_when_it_came_whatever_the_order() {
        let mut links: Vec<Link> = (0..5).map(|n| link(&format!("a{n}"), Some(""), n)).collect();
        let limits = AgentLimits { depth: 9, children: 3 };
        let expected = Spread::TooMany { agent_id: AgentId::main(), at: Timestamp::from_micros(3) };
        assert_eq!(spread(&links, &limits), std::slice::from_ref(&expected));
        links.reverse();
        assert_eq!(spread(&links, &limits), [expected]);
        // One of which no time is known yet is no alarm of the year 1970.
        links[0].at = None;
        links[1].at = None;
        assert_eq!(spread(&links, &limits), []);
        assert_eq!(spread(&links, &AgentLimits { depth: 0, children: 9 }).len(), 3);
    }

    #[test]
    fn agents_that_started_each_other_end() {
        let links = [link("a", Some("b"), 1), link("b", Some("a"), 2)];
        assert_eq!(spread(&links, &AgentLimits { depth: 2, children: 3 }), []);
    }
}

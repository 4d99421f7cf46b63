//! Redirections: what a command is given to read, and into which files it prints.

use std::ops::Range;

use rable::{Node, NodeKind};

use super::env::Env;
use super::script::Redirection;
use super::walk::{Frame, Origin, Reader};
use super::word::Word;

/// A file into which a command prints.
pub(crate) struct Output {
    file: Word,
    /// It is added to what the file holds.
    is_more: bool,
}

impl Reader {
    /// Notes the files that are written; gives what is read, and where what is printed goes.
    pub(crate) fn redirect(
        &mut self,
        env: &mut Env,
        frame: &Frame,
        redirects: &[Node],
        span: &Range<usize>,
        stdin: &Word,
    ) -> (Word, Vec<Output>) {
        let (mut input, mut outputs) = (stdin.clone(), Vec::new());
        for node in redirects {
            match &node.kind {
                NodeKind::HereDoc { content, quoted, .. } => {
                    input = if *quoted {
                        Word::text(content.as_str())
                    } else {
                        self.expand_text(env, content, &Origin::Within(span.clone()))
                    };
                }
                NodeKind::Redirect { op, target, fd, .. } => {
                    let target = self.raw_word(env, frame, target, span);
                    match op.as_str() {
                        "<<<" => {
                            input = target;
                            input.push_text("\n");
                        }
                        "<" => {
                            input = env.content_of(&target);
                            let context = Self::context(env, span);
                            self.script.reads.push(Redirection { operator: op.clone(), target, context });
                        }
                        "<&" => {}
                        ">&" if target
                            .literal()
                            .is_some_and(|fd| fd.bytes().all(|b| b.is_ascii_digit() || b == b'-')) => {}
                        op => {
                            if op.starts_with(['>', '&']) && op != ">&" && *fd <= 1 {
                                outputs.push(Output { file: target.clone(), is_more: op.ends_with(">>") });
                            }
                            let context = Self::context(env, span);
                            self.script.writes.push(Redirection { operator: op.to_owned(), target, context });
                        }
                    }
                }
                _ => {}
            }
        }
        (input, outputs)
    }

    /// What goes into a file does not go into the pipe. Gives what is left.
    pub(crate) fn divert(&mut self, env: &Env, outputs: &[Output], printed: Word) -> Word {
        for output in outputs {
            self.keep(env, &output.file, &printed, output.is_more);
        }
        if outputs.is_empty() { printed } else { Word::default() }
    }
}

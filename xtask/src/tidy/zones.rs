//! The dashboard's layers: `lib` imports nothing of ours, `components` import `lib`, a feature imports `api`,
//! `components` and `lib` but never another feature, and only `app` composes them.
//!
//! So a feature can be removed by removing its folder, and a component never learns what it shows.

use super::{File, Problem, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in &tree.files {
        let Some(path) = file.path.strip_prefix("ui/src/") else { continue };
        if ![".ts", ".tsx"].iter().any(|ending| path.ends_with(ending)) {
            continue;
        }
        let from = zone(path);
        for (line, target) in imports(file) {
            let Some(target) = resolve(path, &target) else { continue };
            let to = zone(&target);
            let test_support = to == "testing" && path.contains(".test.");
            if !test_support && !may_import(&from, &to) {
                problems.push(file.problem(line, format!("{from} must not import {to}: layers import downwards only")));
            }
        }
    }
    problems
}

/// The layer of a file below `ui/src`: its first folder, for features with the feature's name.
fn zone(path: &str) -> String {
    let mut parts = path.split('/');
    match (parts.next(), parts.next()) {
        (Some("features"), Some(feature)) => format!("features/{feature}"),
        (Some(folder), Some(_)) => folder.to_string(),
        _ => "the root".to_string(),
    }
}

fn may_import(from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    match from {
        "lib" => false,
        "api" | "components" => to == "lib",
        feature if feature.starts_with("features/") => ["api", "components", "lib"].contains(&to),
        // The root (main.tsx), app and testing put things together.
        _ => true,
    }
}

/// What the file imports or re-exports, with lines. Reads `from "x"`, `import "x"` and `import("x")`.
fn imports(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let code = line.trim_start();
        if code.starts_with("//") || code.starts_with('*') {
            continue;
        }
        for opening in ["from ", "import ", "import("] {
            for (at, _) in code.match_indices(opening) {
                let rest = &code[at + opening.len()..];
                if let Some(quote) = rest.chars().next().filter(|first| ['"', '\''].contains(first))
                    && let Some((target, _)) = rest[1..].split_once(quote)
                {
                    found.push((number + 1, target.to_string()));
                }
            }
        }
    }
    found
}

/// The imported file below `ui/src`; None for a package.
fn resolve(importer: &str, target: &str) -> Option<String> {
    if let Some(path) = target.strip_prefix("@/") {
        return Some(path.to_string());
    }
    if !target.starts_with('.') {
        return None;
    }
    let mut parts: Vec<&str> = importer.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_feature_that_imports_another_is_found() {
        assert_eq!(problems("ui/src/features/sessions/list.tsx", "import { x } from '../trace/grid'\n"), 1);
        assert_eq!(problems("ui/src/features/sessions/list.tsx", "import { x } from './row'\n"), 0);
        assert_eq!(problems("ui/src/features/sessions/list.tsx", "import { x } from '@/components/table'\n"), 0);
    }

    #[test]
    fn imports_upwards_are_found_in_every_form() {
        assert_eq!(problems("ui/src/lib/money.ts", "import { api } from '../api/client'\n"), 1);
        assert_eq!(problems("ui/src/lib/money.ts", "import '@/app/frame'\n"), 1);
        assert_eq!(
            problems("ui/src/components/table.tsx", "const x = lazy(() => import(\"../features/trace/grid\"))\n"),
            1
        );
        assert_eq!(problems("ui/src/components/table.tsx", "export { x } from '../api/client'\n"), 1);
        assert_eq!(
            problems("ui/src/components/table.tsx", "import { x } from 'react'\nimport { y } from '../lib/time'\n"),
            0
        );
    }

    #[test]
    fn tests_may_import_what_is_for_testing_and_code_may_not() {
        assert_eq!(problems("ui/src/lib/money.test.ts", "import { x } from '../testing/fixtures'\n"), 0);
        assert_eq!(problems("ui/src/lib/money.ts", "import { x } from '../testing/fixtures'\n"), 1);
    }

    #[test]
    fn the_app_composes_everything() {
        assert_eq!(problems("ui/src/app/router.tsx", "import { x } from '../features/trace/page'\n"), 0);
        assert_eq!(problems("ui/src/main.tsx", "import { App } from './app/app'\n"), 0);
    }
}

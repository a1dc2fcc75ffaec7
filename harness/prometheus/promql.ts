import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { Parser } from "@prometheus-io/codemirror-promql/dist/esm/parser/parser.js";
import { LanguageType, promQLLanguage } from "@prometheus-io/codemirror-promql/dist/esm/promql.js";
import {
  GroupingLabels,
  Identifier,
  LabelName,
  StringLiteral,
  UnquotedLabelMatcher,
  VectorSelector,
} from "@prometheus-io/lezer-promql";

/** `up{job="sink"}`: a metric, and the matchers of its labels. */
export type Selector = {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly value: string }[];
};

export type Expression = {
  readonly selectors: readonly Selector[];
  /** Labels of every `by`, `without`, `on`, `ignoring` and `group_...`. */
  readonly grouping: readonly string[];
};

const PARSE_MS = 2_000;
const language = promQLLanguage(LanguageType.PromQL);

/**
 * Reads an expression by Prometheus's own grammar, and checks its types as its web interface does.
 * @throws Error that says what is wrong, and where
 */
export function readPromql(text: string): Expression {
  const created = EditorState.create({ doc: text, extensions: [language] });
  // An editor's state begins with what was parsed within 20 ms; its next one has all that was parsed since.
  ensureSyntaxTree(created, text.length, PARSE_MS);
  const state = created.update({}).state;
  const tree = syntaxTree(state);
  if (tree.length < text.length || text.trim() === "") throw new Error(`expected an expression: ${text}`);
  const of = ({ from, to }: { readonly from: number; readonly to: number }) => text.slice(from, to);
  const parser = new Parser(state);
  parser.analyze();
  const wrong = parser.getDiagnostics().map((one) => `${one.message}: ${of(one)}`);
  const selectors: Selector[] = [];
  const grouping: string[] = [];
  tree.iterate({
    enter: (visited) => {
      const { node } = visited;
      if (node.type.isError) wrong.push(`unexpected after ${text.slice(0, node.from)}`);
      if (node.type.id === GroupingLabels) grouping.push(...node.getChildren(LabelName).map(of));
      if (node.type.id !== VectorSelector) return;
      const name = node.getChild(Identifier);
      const matchers = node.getChild("LabelMatchers")?.getChildren(UnquotedLabelMatcher) ?? [];
      selectors.push({
        metric: name === null ? "" : of(name),
        matchers: matchers.map((matcher) => ({
          label: of(matcher.getChild(LabelName) ?? matcher),
          value: JSON.parse(of(matcher.getChild(StringLiteral) ?? matcher)) as string,
        })),
      });
    },
  });
  if (wrong.length > 0) throw new Error(`${text}: ${wrong.join("; ")}`);
  return { selectors, grouping };
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from '../support/cli.ts';
import { serveHere } from '../support/serve-here.ts';
import { askAt } from '../support/server.ts';

const RULES = join(ROOT, 'monitoring', 'alert-rules.yaml');
const DASHBOARD = join(ROOT, 'monitoring', 'grafana-dashboard.json');

/** What a real server's page names: a histogram by its three series, each with its labels. */
async function namesOfPage(): Promise<ReadonlySet<string>> {
  await using server = await serveHere();
  const { body } = await askAt(`${server.url}/metrics`);
  const types = [...String(body).matchAll(/^# TYPE (\w+) (\w+)$/gm)];
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['bucket', 'sum', 'count'].map((end) => `${name}_${end}`) : [name],
    ),
  );
}

/** The names of metrics in an expression: what is no function, no keyword, no label and no text. */
function namesOf(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, ' ')
    .replace(/\b(by|on)\s*\([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-z_]\w*(?!\w*\s*\()/gi)]
    .map(([name]) => name)
    .filter((name) => !['and', 'or', 'unless', 'sum', 'max', 'up'].includes(name));
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}
interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

describe('the files for monitoring', () => {
  test('name only metrics that a server has', async () => {
    const { groups } = parse(readFileSync(RULES, 'utf8')) as Rules;
    const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard;
    const rules = groups.flatMap((group) => group.rules);
    const known = await namesOfPage();
    const asked = [
      ...rules.map(({ alert, expr }) => ({ where: alert, expr })),
      ...panels.flatMap(({ title, targets }) =>
        targets.map(({ expr }) => ({ where: title, expr })),
      ),
    ];
    assert.ok(rules.length >= 10 && asked.length >= 30, `${asked.length} expressions`);
    const used = new Set<string>();
    for (const { where, expr } of asked)
      for (const name of namesOf(expr)) {
        assert.ok(known.has(name), `${where}: there is no metric ${name}`);
        used.add(name);
      }
    assert.ok(used.size >= 20, [...used].join(' '));
    for (const { alert, labels, annotations } of rules) {
      assert.match(alert, /^Corral[A-Z]\w+$/);
      assert.match(labels.severity ?? '', /^(warning|critical)$/);
      assert.ok(annotations.summary && annotations.description, alert);
    }
  });

  test('are searched for names as they should be', () => {
    assert.deepEqual(
      namesOf('sum by (le) (rate(a_bucket{b="c_d"}[5m])) > 0.2 * up{x="y"} unless on (z) b_total'),
      ['a_bucket', 'b_total'],
    );
  });

  test('have rules that Prometheus takes', (context) => {
    const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', RULES], {
      encoding: 'utf8',
    });
    if (error) return context.skip(`promtool is not installed: ${error.message}`);
    assert.equal(status, 0, stdout + stderr);
  });
});

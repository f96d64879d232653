import { readFileSync } from 'node:fs'
import { emitRegoFilesApart, RegoCollision, RegoUnsupported } from '@gatewright/compiler'
import type { Json } from '@gatewright/core'
import { opaAt, opaDrift, type OpaPlan, publishToOpa } from '@gatewright/publish'
import { checkedIr, configuredPolicies } from './built-bundle.js'
import { sourceNameOf } from './cluster-plan.js'
import { repositoryOf } from './config.js'
import type { Destination } from './destination.js'
import type { PublishingOptions } from './publishing-options.js'
import { UsageError } from './usage-error.js'

/** A running OPA whose REST API takes the policies. */
export async function opaDestination(options: PublishingOptions): Promise<Destination> {
  const { opaUrl: url, opaToken, plainHttp = false } = options
  if (url === undefined)
    throw new UsageError('it is not said where OPA is', 'say --opa-url https://opa.example.com:8181')
  if (options.action !== undefined || options.stage !== undefined)
    throw new UsageError(
      '`--action` and `--stage` say what is done about violations, and OPA only tells them',
      'leave them out: whoever asks OPA decides',
    )
  checkUrl(url, opaToken !== undefined, plainHttp)
  const plan = await opaPlan(options)
  const opa = opaAt({ url, ...(opaToken !== undefined && { token: tokenOf(opaToken) }) })
  return {
    name: opa.url,
    publish: async ({ isTried, prune, tell }) => {
      const outcomes = await publishToOpa(opa, plan, {
        dryRun: isTried,
        prune,
        report: ({ name, did }) => tell({ name, did, differences: [] }),
      })
      return outcomes.map(({ did }) => did)
    },
    drift: async () => (await opaDrift(opa, plan)).map((each) => ({ ...each, differences: [] })),
  }
}

/** The Rego of policies and the parameters that they are given. */
async function opaPlan(options: PublishingOptions): Promise<OpaPlan> {
  const { policies } = await configuredPolicies(options)
  const root = repositoryOf(process.cwd())
  try {
    return {
      source: sourceNameOf(options),
      modules: new Map(
        emitRegoFilesApart(
          policies.map(({ policy: { ir, values } }) => ({
            ir: checkedIr(ir),
            values: values as Readonly<Record<string, Json>>,
          })),
          { entry: 'opa', dialect: 'v1', root },
        ).map(({ path, text }) => [path, text]),
      ),
      data: policies.flatMap(({ policy: { id }, given }) =>
        Object.keys(given).length === 0 ? [] : [{ path: ['gatewright', 'parameters', id], value: given }],
      ),
    }
  } catch (error) {
    if (error instanceof RegoCollision) throw new UsageError(error.message, 'rename one')
    if (!(error instanceof RegoUnsupported)) throw error
    throw new UsageError(error.message, 'publish the other policies with --policy')
  }
}

const local: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

function checkUrl(url: string, hasToken: boolean, plainHttp: boolean): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol))
    throw new UsageError(`\`--opa-url\`: \`${url}\` is no address`, 'say https://opa.example.com:8181')
  if (parsed.protocol === 'http:' && !local.has(parsed.hostname) && !plainHttp)
    throw new UsageError(
      `what goes to ${parsed.host} could be read and changed on its way${hasToken ? ', the token too' : ''}`,
      'say https://…, or --plain-http where the way is safe',
    )
}

/** A token from a file, or with `env:NAME` from the environment. */
function tokenOf(given: string): string {
  const token = given.startsWith('env:') ? process.env[given.slice(4)] : read(given)
  if (token === undefined || token.trim() === '')
    throw new UsageError(`\`--opa-token\`: there is no token in \`${given}\``, 'name a file, or env:NAME')
  return token.trim()
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(
      `\`--opa-token\`: \`${file}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

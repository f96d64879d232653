import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { elementTexts } from './json-spans.js'
import type { LineStore } from './line-store.js'
import { readBody } from '../request-body.js'
import type { SinkKind, SinkLimits } from './sink-limits.js'

const unpack = promisify(gunzip)

/** Keeps what OPA posts, each decision as it came, and answers once it is kept. */
export async function answerSink(
  request: IncomingMessage,
  response: ServerResponse,
  kind: SinkKind,
  store: LineStore,
  limits: SinkLimits,
): Promise<void> {
  const { body: most = 8 * 1024 * 1024, unpacked = 64 * 1024 * 1024 } = limits
  const refuse = (status: number): void => {
    // what is still on its way is not read
    response.writeHead(status, { connection: 'close' }).end()
  }
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'gzip' && encoding !== 'identity') return refuse(415)
  const raw = await readBody(request, encoding === 'gzip' ? most : Math.min(most, unpacked))
  if (typeof raw === 'string') return refuse(413)
  let lines: readonly string[]
  try {
    const bytes = encoding === 'gzip' ? await unpack(raw, { maxOutputLength: unpacked }) : raw
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const value = JSON.parse(text) as unknown
    const isList = Array.isArray(value)
    if (isList !== (kind === 'decisions')) return refuse(400)
    if (
      (isList ? value : [value]).some(
        (each) => typeof each !== 'object' || each === null || Array.isArray(each),
      )
    )
      return refuse(400)
    // line breaks stand only between the parts of JSON, never in its texts
    lines = (isList ? elementTexts(text) : [text.trim()]).map((line) => line.replaceAll(/[\r\n]+/g, ' '))
  } catch (error) {
    return refuse(error instanceof RangeError ? 413 : 400)
  }
  await store.append(lines)
  response.writeHead(200).end()
}

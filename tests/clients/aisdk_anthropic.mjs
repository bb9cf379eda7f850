// The AI SDK with `@ai-sdk/anthropic`.
//
// The address has a `/v1`, unlike that of Anthropic's own client.
import { KEY, URL, run } from './asked.mjs'
import { checks } from './aisdk.mjs'
// settings
import { createAnthropic } from '@ai-sdk/anthropic'

const anthropic = createAnthropic({ baseURL: `${URL}/v1`, apiKey: KEY })
// end

const { plain, stream, tools, structured, refusal } = checks(anthropic)

await run({ plain, stream, tools, structured, refusal })

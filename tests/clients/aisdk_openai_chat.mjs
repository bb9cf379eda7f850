// The AI SDK with `@ai-sdk/openai` over chat completions.
import { KEY, URL, run } from './asked.mjs'
import { checks } from './aisdk.mjs'
// settings
import { createOpenAI } from '@ai-sdk/openai'

const openai = createOpenAI({ baseURL: `${URL}/v1`, apiKey: KEY })
const model = openai.chat('acme-large')
// end

const { plain, stream, tools, structured, refusal } = checks(openai.chat)

await run({ plain, stream, tools, structured, refusal })

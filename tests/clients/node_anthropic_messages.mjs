// Messages of Anthropic's client for Node.
//
// The address has no `/v1`: the client adds it.
import { AGAIN, ASK, BOOKING, KEY, UNCOVERED, URL, WHO, book, isBooked, isEcho, isHarold, run } from './asked.mjs'
// settings
import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic({ baseURL: URL, apiKey: KEY })
// end
const asking = { model: 'acme-large', max_tokens: 256 }
const said = { ...asking, messages: [{ role: 'user', content: ASK }] }
const tools = [{ name: 'book', description: 'Books.', input_schema: WHO }]

await run({
  async plain() {
    isEcho((await client.messages.create(said)).content[0].text)
  },

  async stream() {
    isEcho(await client.messages.stream(said).finalText())
  },

  async tools() {
    const messages = []
    for (const content of [BOOKING, AGAIN]) {
      messages.push({ role: 'user', content })
      const message = await client.messages.create({ ...asking, messages, tools })
      const used = message.content.find((part) => part.type === 'tool_use')
      const result = { type: 'tool_result', tool_use_id: used.id, content: book(used.input) }
      messages.push({ role: 'assistant', content: message.content }, { role: 'user', content: [result] })
      const last = await client.messages.create({ ...asking, messages, tools })
      isBooked(last.content[0].text)
      messages.push({ role: 'assistant', content: last.content })
    }
  },

  async structured() {
    const answer = await client.messages.create({
      ...asking, messages: [{ role: 'user', content: BOOKING }],
      output_config: { format: { type: 'json_schema', schema: WHO } },
    })
    isHarold(JSON.parse(answer.content[0].text))
  },

  async refusal() {
    await client.messages.create({ ...said, model: UNCOVERED })
  },
})

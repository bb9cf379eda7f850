// Responses of OpenAI's client for Node.
import { AGAIN, ASK, BOOKING, KEY, UNCOVERED, URL, WHO, book, isBooked, isEcho, isHarold, run } from './asked.mjs'
// settings
import OpenAI from 'openai'

const client = new OpenAI({ baseURL: `${URL}/v1`, apiKey: KEY })
// end
const model = 'acme-large'
const tools = [{ type: 'function', name: 'book', description: 'Books.', parameters: WHO, strict: true }]

await run({
  async plain() {
    isEcho((await client.responses.create({ model, input: ASK })).output_text)
  },

  async stream() {
    let text = ''
    for await (const event of await client.responses.create({ model, input: ASK, stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta
    }
    isEcho(text)
  },

  async tools() {
    const input = []
    for (const content of [BOOKING, AGAIN]) {
      input.push({ role: 'user', content })
      const { output } = await client.responses.create({ model, input, tools })
      const call = output.find((item) => item.type === 'function_call')
      const result = book(JSON.parse(call.arguments))
      input.push(...output, { type: 'function_call_output', call_id: call.call_id, output: result })
      const last = await client.responses.create({ model, input, tools })
      isBooked(last.output_text)
      input.push(...last.output)
    }
  },

  async structured() {
    const format = { type: 'json_schema', name: 'who', strict: true, schema: WHO }
    const answer = await client.responses.parse({ model, input: BOOKING, text: { format } })
    isHarold(answer.output_parsed)
  },

  async refusal() {
    await client.responses.create({ model: UNCOVERED, input: ASK })
  },
})

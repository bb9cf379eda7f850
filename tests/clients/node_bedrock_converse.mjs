// Amazon's client for Bedrock for Node, AWS SDK v3.
//
// The agent key is the session token; the other two may hold anything. It speaks HTTP/2 without asking first.
import { AGAIN, ASK, BOOKING, KEY, URL, WHO, book, isBooked, isEcho, run } from './asked.mjs'
// settings
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'

const credentials = { accessKeyId: 'any', secretAccessKey: 'any', sessionToken: KEY }
const client = new BedrockRuntimeClient({ region: 'us-east-1', endpoint: URL, credentials })
// end
const modelId = 'acme-claude'
const ask = { modelId, messages: [{ role: 'user', content: [{ text: ASK }] }] }
const toolConfig = { tools: [{ toolSpec: { name: 'book', description: 'Books.', inputSchema: { json: WHO } } }] }

await run({
  async plain() {
    isEcho((await client.send(new ConverseCommand(ask))).output.message.content[0].text)
  },

  async stream() {
    let text = ''
    for await (const event of (await client.send(new ConverseStreamCommand(ask))).stream) {
      text += event.contentBlockDelta?.delta.text ?? ''
    }
    isEcho(text)
  },

  async tools() {
    const messages = []
    for (const text of [BOOKING, AGAIN]) {
      messages.push({ role: 'user', content: [{ text }] })
      const { output: { message } } = await client.send(new ConverseCommand({ modelId, messages, toolConfig }))
      const { toolUse } = message.content.find((part) => part.toolUse)
      const toolResult = { toolUseId: toolUse.toolUseId, content: [{ text: book(toolUse.input) }] }
      messages.push(message, { role: 'user', content: [{ toolResult }] })
      const { output } = await client.send(new ConverseCommand({ modelId, messages, toolConfig }))
      isBooked(output.message.content[0].text)
      messages.push(output.message)
    }
  },

  async refusal() {
    await client.send(new ConverseCommand({ ...ask, modelId: 'bargain-claude' }))
  },
})

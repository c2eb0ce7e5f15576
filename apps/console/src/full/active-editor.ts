/** The line that is being written now. */
import type { Editor } from './editor/editor.js';
import { conversationWith, withConversation, type Model } from './model.js';

/** Where what is typed goes: the open conversation, or the line of its own where none is. */
export function editorOf(model: Model): Editor {
  return model.open === null ? model.naming : conversationWith(model, model.open).editor;
}

export function withEditor(model: Model, editor: Editor): Model {
  return model.open === null ? { ...model, naming: editor } : withConversation(model, model.open, { editor });
}

"""The facade in parts, one for each thing people do; `kb.knowledge_base` puts them together."""

"""What each code of an error or a problem means, in a few words; its message says the rest."""

from __future__ import annotations

#: What can be raised, and what a file can meet on its way in.
RAISED: dict[str, tuple[str, str]] = {
    "error": ("出错了", "Something went wrong"),
    "invalid-input": ("填写的内容有误", "A value makes no sense"),
    "not-found": ("文库里没有这一项", "Not in the library"),
    "unreadable": ("文件读不出来", "The file cannot be read"),
    "encrypted": ("文件有密码", "The file needs a password"),
    "unsupported-format": ("不支持这种文件格式", "A kind of file nothing here reads"),
    "limit-exceeded": ("文件太大、页数太多或耗时太久", "The file is beyond a limit"),
    "ocr-missing": ("没有安装文字识别", "OCR is not installed"),
    "no-such-page": ("没有这一页", "There is no such page"),
    "no-such-file": ("找不到文件", "No such file"),
    "changed": ("文件在读取时被改动", "The file changed while it was read"),
    "id-taken": ("内容编号与另一文件相同", "Another content has the same id"),
    "home": ("文库打不开", "The knowledge base cannot be opened"),
    "home-damaged": ("数据库已损坏", "The database is damaged"),
    "home-too-new": ("文库由更新版本的程序建立", "A newer version wrote this knowledge base"),
    "home-locked": ("另一个程序正在写入，请稍后再试", "Another process is writing"),
    "registry": ("机构名录有误", "The registry of bodies has mistakes"),
    "settings": ("设置有误", "A setting makes no sense"),
    "synonyms": ("同义词文件有误", "The file of synonyms has a mistake"),
    "index": ("索引不可用", "The index cannot be used"),
    "index-missing": ("没有索引", "There is no index"),
    "index-damaged": ("索引已损坏", "The index is damaged"),
    "index-mismatch": ("索引由别的模型或版本建立", "Another model or version made the index"),
    "index-unreachable": ("连不上索引服务", "The index does not answer"),
    "model-unavailable": ("模型不可用", "The model cannot be loaded"),
    "queue-full": ("排队的文件太多，请稍后再传", "Too many uploads wait"),
    "storage": ("磁盘已满或不可写", "The disk is full or cannot be written"),
    "store-unavailable": ("连不上数据库", "The database does not answer"),
    "originals-unavailable": ("连不上原件存储", "The storage of originals does not answer"),
    "executor-unavailable": ("连不上计算集群", "The cluster that reads files does not answer"),
    "server": ("服务出错", "The server cannot be used"),
    "address": ("服务地址有误", "The server's address makes no sense"),
    "key": ("密钥不能使用", "The key cannot be used"),
    "unreachable": ("连不上服务", "The server does not answer"),
    "not-ours": ("该地址不是 policykb 服务", "Not a policykb server"),
    "redirect": ("服务转向了别的地址", "The server points elsewhere"),
    "cut-off": ("回答中断，请再问一次", "The answer broke off"),
}

#: What a check of the knowledge base can find.
FOUND: dict[str, tuple[str, str]] = {
    "database-damaged": ("数据库已损坏", "The database is damaged"),
    "original-missing": ("原件不见了", "A kept file is gone"),
    "original-altered": ("原件与入库时不同", "A kept file is not what was added"),
    "facts-missing": ("由旧版本读取，内容不全", "Read by an older version, which read less"),
    "text-differs": ("段落与文件正文不一致", "A passage does not read as its document"),
    "document-altered": ("文件内容被改动", "A document is not what was stored"),
    "index-decayed": ("索引文件损坏", "A file of the index has decayed"),
    "index-stale": ("索引落后于数据库", "The index is behind the store"),
    "index-counts": ("索引服务的词数不符，排序可能不准", "The index has words counted wrongly"),
    "index-differs": ("索引服务的内容与原文不同", "The index holds something else than the text"),
    "move-differs": ("迁移前后不一致", "The store differs after the move"),
    "lexical-missing": ("有段落按字词检索不到", "Passages that no word finds"),
    "dense-missing": ("有段落按语义检索不到", "Passages that no meaning finds"),
    "lexical-unknown": ("字词索引中有已删除的段落", "Removed passages in the word index"),
    "dense-unknown": ("语义索引中有已删除的段落", "Removed passages in the vector index"),
    "lexical-repeated": ("字词索引中有重复的段落", "Passages twice in the word index"),
    "dense-repeated": ("语义索引中有重复的段落", "Passages twice in the vector index"),
}

ERRORS: dict[str, tuple[str, str]] = RAISED | FOUND

BEGIN TRANSACTION;
CREATE TABLE api_keys (
	key_id VARCHAR(16) NOT NULL, 
	name TEXT NOT NULL, 
	secret_sha256 VARCHAR(64) NOT NULL, 
	scopes JSON NOT NULL, 
	collections JSON NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	revoked_at VARCHAR(32), 
	PRIMARY KEY (key_id)
);
CREATE TABLE audit (
	number INTEGER NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	key_id VARCHAR(16), 
	address TEXT NOT NULL, 
	request_id TEXT NOT NULL, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	status INTEGER NOT NULL, 
	PRIMARY KEY (number)
);
CREATE TABLE clauses (
	document_id VARCHAR(16) NOT NULL, 
	ordinal INTEGER NOT NULL, 
	clause_id TEXT NOT NULL, 
	number TEXT NOT NULL, 
	number_key VARCHAR(64) NOT NULL, 
	heading_path JSON NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	page INTEGER NOT NULL, 
	boxes JSON NOT NULL, 
	targets JSON NOT NULL, 
	PRIMARY KEY (document_id, ordinal), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
INSERT INTO "clauses" VALUES('92cea64630de8086',0,'48a49ca4dffe-art1','第一条','1','[]',10,36,'第一条 为规范山野菜采集，保护林地资源，制定本办法。',1,'[]','[]');
INSERT INTO "clauses" VALUES('92cea64630de8086',1,'48a49ca4dffe-art2','第二条','2','[]',37,63,'第二条 林业和草原主管部门负责山野菜采集的监督管理。',1,'[]','[]');
INSERT INTO "clauses" VALUES('92cea64630de8086',2,'48a49ca4dffe-art3','第三条','3','[]',64,106,'第三条 采集单位应当于每年三月底前报送采集计划，采集量不得超过核定数量的百分之八十。',1,'[]','[]');
INSERT INTO "clauses" VALUES('92cea64630de8086',3,'48a49ca4dffe-art4','第四条','4','[]',107,126,'第四条 鼓励采集单位建立产地追溯制度。',1,'[]','[]');
INSERT INTO "clauses" VALUES('92cea64630de8086',4,'48a49ca4dffe-art5','第五条','5','[]',127,177,'第五条 本办法自2022年7月1日起施行。《山野菜采集暂行规定》（林采发〔2015〕3号）同时废止。',1,'[]','[]');
INSERT INTO "clauses" VALUES('daa45e04f888ab52',0,'1aa7b5fae635-o1','一、','1','[]',12,41,'一、总体要求
到2027年，林下经济示范基地达到120个。',1,'[]','["达到120个"]');
INSERT INTO "clauses" VALUES('daa45e04f888ab52',1,'1aa7b5fae635-o2.p1','（一）','1','["二、重点任务"]',49,100,'（一）完善采集制度。严格执行《山野菜采集管理办法》，建立采集档案。（国家林草局牵头，市场监管总局参加）',1,'[]','[]');
INSERT INTO "clauses" VALUES('daa45e04f888ab52',2,'1aa7b5fae635-o2.p2','（二）','2','["二、重点任务"]',101,145,'（二）加强资金支持。对示范基地给予一次性补助，补助标准为每个基地20万元。（财政部负责）',1,'[]','[]');
CREATE TABLE corrections (
	document_id VARCHAR(16) NOT NULL, 
	field VARCHAR(32) NOT NULL, 
	value JSON NOT NULL, 
	as_read JSON NOT NULL, 
	PRIMARY KEY (document_id, field), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
INSERT INTO "corrections" VALUES('daa45e04f888ab52','issued_on','"2021-03-05"','null');
INSERT INTO "corrections" VALUES('daa45e04f888ab52','issuers','["国家林业和草原局"]','[]');
CREATE TABLE counters (
	name VARCHAR(32) NOT NULL, 
	value INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('revision',3);
INSERT INTO "counters" VALUES('outbox',1);
CREATE TABLE deadlines (
	document_id VARCHAR(16) NOT NULL, 
	clause_ordinal INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	due DATE NOT NULL, 
	as_written TEXT NOT NULL, 
	PRIMARY KEY (document_id, clause_ordinal, position), 
	FOREIGN KEY(document_id, clause_ordinal) REFERENCES clauses (document_id, ordinal) ON DELETE CASCADE
);
INSERT INTO "deadlines" VALUES('daa45e04f888ab52',0,0,'2027-12-31','到2027年');
CREATE TABLE digests (
	document_id VARCHAR(16) NOT NULL, 
	part VARCHAR(16) NOT NULL, 
	digest VARCHAR(32) NOT NULL, 
	PRIMARY KEY (document_id, part), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
INSERT INTO "digests" VALUES('92cea64630de8086','filing','209a1defabd3fbcf9e45e36ae193fe7e');
INSERT INTO "digests" VALUES('92cea64630de8086','facts','60496e024024e5c54495845481198327');
INSERT INTO "digests" VALUES('92cea64630de8086','text','0fa1299a47645bbd86174f9cdbed58c6');
INSERT INTO "digests" VALUES('92cea64630de8086','clauses','4a143d81a89fad60f18f3ae70ea0c999');
INSERT INTO "digests" VALUES('92cea64630de8086','passages','f325f40a159d3d1d7f8cd5a3394f23c9');
INSERT INTO "digests" VALUES('daa45e04f888ab52','filing','7da044ca50ca1f8b5efa24a4699a8306');
INSERT INTO "digests" VALUES('daa45e04f888ab52','facts','e49f3f0d2f6ba6e2654687294487e0bc');
INSERT INTO "digests" VALUES('daa45e04f888ab52','text','297996f8695ead135ef49bcb0d612221');
INSERT INTO "digests" VALUES('daa45e04f888ab52','clauses','cdc876eb5ee0b3b145ac85eea1e74e7f');
INSERT INTO "digests" VALUES('daa45e04f888ab52','passages','680f206f4418fdf00eb4485fe6a29397');
CREATE TABLE documents (
	document_id VARCHAR(16) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	suffix VARCHAR(16) NOT NULL, 
	path TEXT NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	document_number TEXT, 
	number_key TEXT, 
	issued_on DATE, 
	effective_on DATE, 
	addressees JSON NOT NULL, 
	language VARCHAR(16), 
	document_type TEXT, 
	validity VARCHAR(16) NOT NULL, 
	page_count INTEGER NOT NULL, 
	passage_count INTEGER NOT NULL, 
	characters INTEGER NOT NULL, 
	characters_indexed INTEGER NOT NULL, 
	warnings JSON NOT NULL, 
	ocr VARCHAR(16) NOT NULL, 
	partial BOOLEAN NOT NULL, 
	added_at VARCHAR(32) NOT NULL, 
	superseded_by VARCHAR(16), 
	facts INTEGER NOT NULL, 
	PRIMARY KEY (document_id), 
	UNIQUE (sha256)
);
INSERT INTO "documents" VALUES('92cea64630de8086','92cea64630de8086963ee58961de3a86c37df17a9acc37dba3a138ad72c71d23','.txt','办法.txt','办法.txt','山野菜采集管理办法',NULL,NULL,NULL,'2022-07-01','[]','zh','办法','unknown',1,5,167,167,'[]','never',0,'2026-11-21T09:49:10.313+00:00',NULL,2);
INSERT INTO "documents" VALUES('daa45e04f888ab52','daa45e04f888ab5294665028fa05e76eceb5cf71fed9b8a091c4ab7e3aca80e7','.txt','意见.txt','意见.txt','关于发展林下经济的意见',NULL,NULL,'2021-03-05',NULL,'[]','zh','意见','unknown',1,3,140,140,'[]','never',0,'2026-11-21T09:49:11.497+00:00',NULL,2);
CREATE TABLE files (
	path TEXT NOT NULL, 
	sha256 VARCHAR(64), 
	document_id VARCHAR(16), 
	collection VARCHAR(64) DEFAULT '' NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	error_code TEXT, 
	error_message TEXT, 
	PRIMARY KEY (path), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
INSERT INTO "files" VALUES('办法.txt','92cea64630de8086963ee58961de3a86c37df17a9acc37dba3a138ad72c71d23','92cea64630de8086','','added',NULL,NULL);
INSERT INTO "files" VALUES('意见.txt','daa45e04f888ab5294665028fa05e76eceb5cf71fed9b8a091c4ab7e3aca80e7','daa45e04f888ab52','','added',NULL,NULL);
CREATE TABLE issuers (
	document_id VARCHAR(16) NOT NULL, 
	position INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (document_id, position), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
INSERT INTO "issuers" VALUES('daa45e04f888ab52',0,'国家林业和草原局');
CREATE TABLE lines (
	document_id VARCHAR(16) NOT NULL, 
	page INTEGER NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	data BLOB NOT NULL, 
	PRIMARY KEY (document_id, page), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
CREATE TABLE obligations (
	document_id VARCHAR(16) NOT NULL, 
	clause_ordinal INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	obligation VARCHAR(16) NOT NULL, 
	PRIMARY KEY (document_id, clause_ordinal, position), 
	FOREIGN KEY(document_id, clause_ordinal) REFERENCES clauses (document_id, ordinal) ON DELETE CASCADE
);
INSERT INTO "obligations" VALUES('92cea64630de8086',2,0,'must');
INSERT INTO "obligations" VALUES('92cea64630de8086',2,1,'must-not');
INSERT INTO "obligations" VALUES('92cea64630de8086',3,0,'encourage');
CREATE TABLE outbox (
        number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        revision BIGINT NOT NULL,
        "key" BIGINT NOT NULL,
        kind VARCHAR(8) NOT NULL
    );
INSERT INTO "outbox" VALUES(1,2,1,'upsert');
INSERT INTO "outbox" VALUES(2,2,2,'upsert');
INSERT INTO "outbox" VALUES(3,2,3,'upsert');
CREATE TABLE pages (
	document_id VARCHAR(16) NOT NULL, 
	number INTEGER NOT NULL, 
	width FLOAT NOT NULL, 
	height FLOAT NOT NULL, 
	source VARCHAR(8) NOT NULL, 
	text TEXT NOT NULL, 
	start INTEGER NOT NULL, 
	PRIMARY KEY (document_id, number), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
INSERT INTO "pages" VALUES('92cea64630de8086',1,0.0,0.0,'text','山野菜采集管理办法
第一条 为规范山野菜采集，保护林地资源，制定本办法。
第二条 林业和草原主管部门负责山野菜采集的监督管理。
第三条 采集单位应当于每年三月底前报送采集计划，采集量不得超过核定数量的百分之八十。
第四条 鼓励采集单位建立产地追溯制度。
第五条 本办法自2022年7月1日起施行。《山野菜采集暂行规定》（林采发〔2015〕3号）同时废止。',0);
INSERT INTO "pages" VALUES('daa45e04f888ab52',1,0.0,0.0,'text','关于发展林下经济的意见
一、总体要求
到2027年，林下经济示范基地达到120个。
二、重点任务
（一）完善采集制度。严格执行《山野菜采集管理办法》，建立采集档案。（国家林草局牵头，市场监管总局参加）
（二）加强资金支持。对示范基地给予一次性补助，补助标准为每个基地20万元。（财政部负责）',0);
CREATE TABLE passages (
	"key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	passage_id TEXT NOT NULL, 
	document_id VARCHAR(16) NOT NULL, 
	ordinal INTEGER NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	search_text TEXT NOT NULL, 
	heading_path JSON NOT NULL, 
	clause_id TEXT, 
	clause_number TEXT, 
	pages JSON NOT NULL, 
	boxes JSON NOT NULL, 
	UNIQUE (document_id, ordinal), 
	UNIQUE (passage_id), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
INSERT INTO "passages" VALUES(1,'92cea64630de8086.art1.0-36','92cea64630de8086',0,0,36,'山野菜采集管理办法
第一条 为规范山野菜采集，保护林地资源，制定本办法。','','[]','48a49ca4dffe-art1','第一条','[1]','[]');
INSERT INTO "passages" VALUES(2,'92cea64630de8086.art2.37-63','92cea64630de8086',1,37,63,'第二条 林业和草原主管部门负责山野菜采集的监督管理。','','[]','48a49ca4dffe-art2','第二条','[1]','[]');
INSERT INTO "passages" VALUES(3,'92cea64630de8086.art3.64-106','92cea64630de8086',2,64,106,'第三条 采集单位应当于每年三月底前报送采集计划，采集量不得超过核定数量的百分之八十。','','[]','48a49ca4dffe-art3','第三条','[1]','[]');
INSERT INTO "passages" VALUES(4,'92cea64630de8086.art4.107-126','92cea64630de8086',3,107,126,'第四条 鼓励采集单位建立产地追溯制度。','','[]','48a49ca4dffe-art4','第四条','[1]','[]');
INSERT INTO "passages" VALUES(5,'92cea64630de8086.art5.127-177','92cea64630de8086',4,127,177,'第五条 本办法自2022年7月1日起施行。《山野菜采集暂行规定》（林采发〔2015〕3号）同时废止。','','[]','48a49ca4dffe-art5','第五条','[1]','[]');
INSERT INTO "passages" VALUES(6,'daa45e04f888ab52.o1.0-41','daa45e04f888ab52',0,0,41,'关于发展林下经济的意见
一、总体要求
到2027年，林下经济示范基地达到120个。','','[]','1aa7b5fae635-o1','一、','[1]','[]');
INSERT INTO "passages" VALUES(7,'daa45e04f888ab52.o2.p1.42-100','daa45e04f888ab52',1,42,100,'二、重点任务
（一）完善采集制度。严格执行《山野菜采集管理办法》，建立采集档案。（国家林草局牵头，市场监管总局参加）','','["二、重点任务"]','1aa7b5fae635-o2.p1','（一）','[1]','[]');
INSERT INTO "passages" VALUES(8,'daa45e04f888ab52.o2.p2.101-145','daa45e04f888ab52',2,101,145,'（二）加强资金支持。对示范基地给予一次性补助，补助标准为每个基地20万元。（财政部负责）','','["二、重点任务"]','1aa7b5fae635-o2.p2','（二）','[1]','[]');
CREATE TABLE rates (
        name TEXT NOT NULL,
        began BIGINT NOT NULL,
        count INTEGER NOT NULL,
        expires FLOAT NOT NULL,
        PRIMARY KEY (name, began)
    );
INSERT INTO "rates" VALUES('requests 127.0.0.1',0,3,1.0);
CREATE TABLE relations (
	document_id VARCHAR(16) NOT NULL, 
	position INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	title TEXT, 
	number TEXT, 
	title_key TEXT, 
	number_key TEXT, 
	as_written TEXT NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	page INTEGER NOT NULL, 
	clause_ordinal INTEGER, 
	PRIMARY KEY (document_id, position), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
INSERT INTO "relations" VALUES('92cea64630de8086',0,'repeals','山野菜采集暂行规定','林采发〔2015〕3号','山野菜采集暂行规定','林采发〔2015〕3号','《山野菜采集暂行规定》（林采发〔2015〕3号）',148,172,1,4);
INSERT INTO "relations" VALUES('daa45e04f888ab52',0,'cites','山野菜采集管理办法',NULL,'山野菜采集管理办法',NULL,'《山野菜采集管理办法》',63,74,1,1);
CREATE TABLE renewals (
	document_id VARCHAR(16) NOT NULL, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (document_id), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
CREATE TABLE replacements (
	document_id VARCHAR(16) NOT NULL, 
	"by" VARCHAR(16) NOT NULL, 
	revision INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	collection VARCHAR(64) NOT NULL, 
	PRIMARY KEY (document_id), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE, 
	FOREIGN KEY("by") REFERENCES documents (document_id) ON DELETE CASCADE
);
CREATE TABLE responsibilities (
	document_id VARCHAR(16) NOT NULL, 
	clause_ordinal INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	ministry TEXT NOT NULL, 
	as_written TEXT NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	implicit BOOLEAN NOT NULL, 
	PRIMARY KEY (document_id, clause_ordinal, position), 
	FOREIGN KEY(document_id, clause_ordinal) REFERENCES clauses (document_id, ordinal) ON DELETE CASCADE
);
INSERT INTO "responsibilities" VALUES('daa45e04f888ab52',1,0,'国家林业和草原局','国家林草局','lead',0);
INSERT INTO "responsibilities" VALUES('daa45e04f888ab52',1,1,'国家市场监督管理总局','市场监管总局','participant',0);
INSERT INTO "responsibilities" VALUES('daa45e04f888ab52',2,0,'财政部','财政部','lead',0);
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	applied_at VARCHAR(32) NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "schema_version" VALUES(5,'2026-11-21T09:49:09+00:00');
INSERT INTO "schema_version" VALUES(6,'2026-11-21T12:41:19+00:00');
CREATE TABLE texts (
	document_id VARCHAR(16) NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (document_id), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
INSERT INTO "texts" VALUES('92cea64630de8086','山野菜采集管理办法
第一条 为规范山野菜采集，保护林地资源，制定本办法。
第二条 林业和草原主管部门负责山野菜采集的监督管理。
第三条 采集单位应当于每年三月底前报送采集计划，采集量不得超过核定数量的百分之八十。
第四条 鼓励采集单位建立产地追溯制度。
第五条 本办法自2022年7月1日起施行。《山野菜采集暂行规定》（林采发〔2015〕3号）同时废止。');
INSERT INTO "texts" VALUES('daa45e04f888ab52','关于发展林下经济的意见
一、总体要求
到2027年，林下经济示范基地达到120个。
二、重点任务
（一）完善采集制度。严格执行《山野菜采集管理办法》，建立采集档案。（国家林草局牵头，市场监管总局参加）
（二）加强资金支持。对示范基地给予一次性补助，补助标准为每个基地20万元。（财政部负责）');
CREATE TABLE titles (
	document_id VARCHAR(16) NOT NULL, 
	"key" TEXT NOT NULL, 
	PRIMARY KEY (document_id, "key"), 
	FOREIGN KEY(document_id) REFERENCES documents (document_id) ON DELETE CASCADE
);
INSERT INTO "titles" VALUES('92cea64630de8086','山野菜采集管理办法');
INSERT INTO "titles" VALUES('daa45e04f888ab52','关于发展林下经济的意见');
CREATE TABLE upload_events (
        job_id VARCHAR(32) NOT NULL,
        number INTEGER NOT NULL,
        kind VARCHAR(16) NOT NULL,
        data JSON NOT NULL,
        PRIMARY KEY (job_id, number),
        FOREIGN KEY (job_id) REFERENCES upload_jobs (job_id) ON DELETE CASCADE
    );
INSERT INTO "upload_events" VALUES('0123456789abcdef0123456789abcdef',1,'state','{"state":"queued"}');
CREATE TABLE upload_jobs (
        job_id VARCHAR(32) NOT NULL PRIMARY KEY,
        created_at VARCHAR(32) NOT NULL,
        asked JSON NOT NULL,
        cancelled BOOLEAN NOT NULL,
        ended BOOLEAN NOT NULL,
        worker VARCHAR(64),
        beat FLOAT NOT NULL,
        tries INTEGER NOT NULL
    );
INSERT INTO "upload_jobs" VALUES('0123456789abcdef0123456789abcdef','2026-11-21T12:00:00.000000+00:00','{"job_id":"0123456789abcdef0123456789abcdef","created_at":"2026-11-21T12:00:00.000000+00:00","owner":null,"collections":[],"collection":"","ocr":null,"names":["甲.txt"],"replaces":""}',0,0,NULL,0.0,0);
CREATE TABLE upload_parts (
        job_id VARCHAR(32) NOT NULL,
        file INTEGER NOT NULL,
        part INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (job_id, file, part),
        FOREIGN KEY (job_id) REFERENCES upload_jobs (job_id) ON DELETE CASCADE
    );
INSERT INTO "upload_parts" VALUES('0123456789abcdef0123456789abcdef',0,0,X'E6B894E6B8AFE38082');
CREATE INDEX ix_documents_number_key ON documents (number_key);
CREATE INDEX ix_documents_added_at ON documents (added_at);
CREATE INDEX ix_documents_issued_on ON documents (issued_on);
CREATE INDEX ix_documents_superseded_by ON documents (superseded_by);
CREATE INDEX ix_issuers_name ON issuers (name);
CREATE INDEX ix_titles_key ON titles ("key");
CREATE INDEX ix_clauses_number_key ON clauses (number_key);
CREATE INDEX ix_clauses_clause_id ON clauses (clause_id);
CREATE INDEX ix_relations_title_key ON relations (title_key);
CREATE INDEX ix_relations_kind ON relations (kind);
CREATE INDEX ix_relations_number_key ON relations (number_key);
CREATE INDEX ix_files_collection ON files (collection);
CREATE INDEX ix_files_document_id ON files (document_id);
CREATE INDEX ix_replacements_by ON replacements ("by");
CREATE INDEX ix_replacements_revision ON replacements (revision);
CREATE INDEX ix_renewals_revision ON renewals (revision);
CREATE INDEX ix_responsibilities_found ON responsibilities (ministry, role, document_id, clause_ordinal);
CREATE INDEX ix_obligations_found ON obligations (obligation, document_id, clause_ordinal);
CREATE INDEX ix_deadlines_found ON deadlines (due, document_id, clause_ordinal);
CREATE INDEX ix_outbox_revision ON outbox (revision);
CREATE INDEX ix_upload_jobs_created_at ON upload_jobs (created_at);
CREATE INDEX ix_rates_expires ON rates (expires);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('passages',8);
INSERT INTO "sqlite_sequence" VALUES('outbox',3);
COMMIT;

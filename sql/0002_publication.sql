-- What Debezium reads. It must not create a publication of its own: debezium/connector.json names this one.
CREATE PUBLICATION tidemark FOR TABLE clicks, transactions, customers, products
    WITH (publish = 'insert, update, delete, truncate');

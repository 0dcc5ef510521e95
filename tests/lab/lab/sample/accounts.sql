-- Who may do what in the shop: global, schema, table, column and routine grants, a role, odd names.
CREATE USER 'dba'@'localhost' IDENTIFIED BY {{password}};
CREATE USER 'näme with space'@'localhost' IDENTIFIED BY {{password}};
-- with account_options
CREATE USER 'monitor'@'%' IDENTIFIED BY {{password}} WITH MAX_USER_CONNECTIONS 3;
CREATE USER 'replica'@'192.168.0.0/255.255.0.0' IDENTIFIED BY {{password}} REQUIRE SSL;
CREATE USER 'left_us'@'%' IDENTIFIED BY {{password}} ACCOUNT LOCK;
-- without account_options
CREATE USER 'monitor'@'%' IDENTIFIED BY {{password}};
CREATE USER 'replica'@'192.168.0.0/255.255.0.0' IDENTIFIED BY {{password}};
CREATE USER 'left_us'@'%' IDENTIFIED BY {{password}};
-- end account_options

GRANT ALL PRIVILEGES ON *.* TO 'dba'@'localhost' WITH GRANT OPTION;
GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'monitor'@'%';
GRANT REPLICATION SLAVE ON *.* TO 'replica'@'192.168.0.0/255.255.0.0';
GRANT ALL PRIVILEGES ON shop.* TO 'shop_owner'@'localhost';
GRANT ALL PRIVILEGES ON `shop-archive`.* TO 'shop_owner'@'localhost' WITH GRANT OPTION;
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON shop.* TO 'shop_app'@'%';
GRANT SELECT ON `shop-archive`.`order lines 2019` TO 'shop_app'@'%';
GRANT SELECT ON shop.* TO 'reporting'@'10.0.%';
GRANT SELECT ON `shop\_%`.* TO 'reporting'@'10.0.%';
GRANT EXECUTE ON PROCEDURE shop.best_sellers TO 'reporting'@'10.0.%';
GRANT SELECT (id, full_name, country_code), UPDATE (note) ON shop.customer TO 'o''brien'@'%';
GRANT SELECT, DELETE ON `shop-archive`.* TO 'o''brien'@'%';
GRANT EXECUTE ON FUNCTION shop.gross TO 'näme with space'@'localhost';

-- with roles
CREATE ROLE seller;
GRANT SELECT, INSERT ON shop.`order` TO seller;
GRANT SELECT ON shop.product TO seller;
GRANT EXECUTE ON PROCEDURE shop.restock TO seller;
GRANT seller TO 'shop_app'@'%';
GRANT seller TO 'o''brien'@'%';
-- MariaDB says FOR where MySQL says TO.
SET DEFAULT ROLE seller /*M! FOR */ /*!80000 TO */ 'o''brien'@'%';
-- end roles

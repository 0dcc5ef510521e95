-- Functions, procedures, triggers and events, defined by several users; the users come first.
SET NAMES utf8mb4;
CREATE USER 'shop_owner'@'localhost' IDENTIFIED BY {{password}};
CREATE USER 'shop_app'@'%' IDENTIFIED BY {{password}};
-- with account_options
CREATE USER 'reporting'@'10.0.%' IDENTIFIED BY {{password}} REQUIRE SSL;
-- without account_options
CREATE USER 'reporting'@'10.0.%' IDENTIFIED BY {{password}};
-- end account_options
CREATE USER 'o''brien'@'%' IDENTIFIED BY {{password}};
USE shop;
DELIMITER //

CREATE DEFINER='shop_owner'@'localhost' FUNCTION gross(net DECIMAL(10,2), percent DECIMAL(4,2)) RETURNS DECIMAL(12,2)
  DETERMINISTIC NO SQL COMMENT 'price with VAT'
RETURN ROUND(net * (1 + percent / 100), 2)//

CREATE DEFINER='shop_app'@'%' FUNCTION order_total(wanted INT UNSIGNED) RETURNS DECIMAL(14,2)
  READS SQL DATA SQL SECURITY INVOKER
BEGIN
  DECLARE total DECIMAL(14,2) DEFAULT 0;
  -- The comment's "quotes" and the € stay as they are.
  SELECT COALESCE(SUM(total_net), 0) INTO total FROM order_line WHERE order_id = wanted;
  RETURN total;
END//

CREATE DEFINER='shop_owner'@'localhost' FUNCTION `größe`(text_in VARCHAR(100) CHARACTER SET utf8mb4) RETURNS VARCHAR(120) CHARSET utf8mb4
  DETERMINISTIC NO SQL
RETURN CONCAT('«', text_in, '» ', CHAR_LENGTH(text_in), ' ☕')//

CREATE DEFINER='shop_owner'@'localhost' PROCEDURE restock(IN wanted INT UNSIGNED, IN amount INT, OUT now_there INT)
  MODIFIES SQL DATA
BEGIN
  IF amount <= 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'amount must be positive';
  END IF;
  UPDATE product SET stock = stock + amount WHERE id = wanted;
  SELECT stock INTO now_there FROM product WHERE id = wanted;
END//

CREATE DEFINER='reporting'@'10.0.%' PROCEDURE best_sellers(IN how_many INT)
  READS SQL DATA SQL SECURITY INVOKER COMMENT 'it''s a "report"'
BEGIN
  SELECT p.sku, SUM(l.quantity) AS sold FROM order_line l JOIN product p ON p.id = l.product_id
  GROUP BY p.sku ORDER BY sold DESC, p.sku LIMIT how_many;
END//

SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,STRICT_TRANS_TABLES'//
CREATE DEFINER="shop_owner"@"localhost" PROCEDURE "ansi words"()
  NO SQL
BEGIN
  SELECT 'a' || 'b' AS "joined";
END//
SET SESSION sql_mode = DEFAULT//

CREATE DEFINER='o''brien'@'%' PROCEDURE `shop-archive`.`count lines`(INOUT total INT)
  READS SQL DATA
BEGIN
  SELECT total + COUNT(*) INTO total FROM `order lines 2019`;
END//

CREATE DEFINER='shop_owner'@'localhost' TRIGGER product_stock AFTER UPDATE ON product FOR EACH ROW
BEGIN
  IF NEW.stock <> OLD.stock THEN
    INSERT INTO stock_movement (product_id, difference, reason, moved_by)
      VALUES (NEW.id, NEW.stock - OLD.stock, 'update', SUBSTRING(CURRENT_USER(), 1, 200));
  END IF;
END//

CREATE DEFINER='shop_app'@'%' TRIGGER customer_email BEFORE INSERT ON customer FOR EACH ROW
  SET NEW.email = LOWER(NEW.email)//

CREATE DEFINER='shop_owner'@'localhost' EVENT forget_searches
  ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 03:00:00' ON COMPLETION PRESERVE ENABLE COMMENT 'every night'
DO BEGIN
  DELETE FROM search_log WHERE found = 0 AND id < 10;
END//

CREATE DEFINER='o''brien'@'%' EVENT old_event ON SCHEDULE AT '2035-05-05 05:05:05' ON COMPLETION PRESERVE DISABLE DO DELETE FROM `shop-archive`.no_key//

DELIMITER ;
